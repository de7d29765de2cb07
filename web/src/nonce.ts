const given = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/** nonce is what the content security policy lets style elements in by; "" on a development server. */
export const nonce = given === "__CSP_NONCE__" ? "" : given;
