/** How a tier asks for client certificates: by host name, or by one switch for the service. */
export interface CertificateSwitch {
  perHostname: boolean;
  label: "Negotiate client certificate" | "Request client certificate";
}

/** certificateSwitch names the switch of a tier: Consumption and the v2 tiers have one for the whole service. */
export function certificateSwitch(sku: string): CertificateSwitch {
  const whole = /^consumption$/i.test(sku) || /v2$/i.test(sku);
  return whole ? { perHostname: false, label: "Request client certificate" } : { perHostname: true, label: "Negotiate client certificate" };
}
