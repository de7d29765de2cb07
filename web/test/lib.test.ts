import { describe, expect, it } from "vitest";
import { policyPlace, policyRoute, scopeRoute } from "../src/lib/armid";
import { base64, kindOf, splitPem } from "../src/lib/files";
import { certificateSwitch } from "../src/lib/sku";
import { ago, date, daysLeft, expiryLevel, expiryWords, usedUp } from "../src/lib/time";
import { forest } from "../src/lib/tree";
import { commonName, plural, reasonWords } from "../src/lib/words";

const now = Date.parse("2026-11-26T12:00:00Z");

describe("time", () => {
  it.each([
    ["2026-11-25T11:00:00Z", -2, "expired", "expired 2 days ago"],
    ["2026-11-26T11:00:00Z", -1, "expired", "expired"],
    ["2026-11-26T13:00:00Z", 0, "soon", "expires today"],
    ["2026-11-27T13:00:00Z", 1, "soon", "expires tomorrow"],
    ["2026-12-26T13:00:00Z", 30, "near", "expires in 30 days"],
    ["2027-05-26T13:00:00Z", 181, "fine", "expires in 6 months"],
    ["2036-11-26T13:00:00Z", 3653, "fine", "expires in 10 years"],
  ])("%s is %d days away", (end, days, level, words) => {
    expect(daysLeft(end, now)).toBe(days);
    expect(expiryLevel(days)).toBe(level);
    expect(expiryWords(days)).toBe(words);
  });

  it("shows the share of a period that has passed, never beyond its ends", () => {
    expect(usedUp("2026-11-25T12:00:00Z", "2026-11-27T12:00:00Z", now)).toBe(0.5);
    expect(usedUp("2026-11-27T12:00:00Z", "2026-11-28T12:00:00Z", now)).toBe(0);
    expect(usedUp(undefined, "2020-01-01T00:00:00Z", now)).toBe(1);
    expect(usedUp("2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z", now)).toBe(1);
  });

  it("prints", () => {
    expect(date("2026-11-26T23:59:59Z")).toBe("2026-11-26");
    expect(date("rubbish")).toBe("–");
    expect(ago("2026-11-26T11:58:00Z", now)).toBe("2 min ago");
    expect(ago("2026-11-24T11:58:00Z", now)).toBe("2 d ago");
  });
});

describe("words", () => {
  it("of reasons", () => {
    expect(reasonWords("revocationUnknown")).toBe("Revocation unknown");
    expect(reasonWords("no-certificate")).toBe("No certificate");
  });
  it("of names", () => {
    expect(commonName("CN=client-17, OU=Payments")).toBe("client-17");
    expect(commonName('O=x, CN="a, b"')).toBe("a, b");
    expect(commonName("O=nameless")).toBe("O=nameless");
  });
  it("of numbers", () => {
    expect([plural(1, "place"), plural(2, "place"), plural(0, "entry", "entries")]).toEqual(["1 place", "2 places", "0 entries"]);
  });
});

describe("files", () => {
  const cert = (n: number) => `-----BEGIN CERTIFICATE-----\n${n}\n-----END CERTIFICATE-----`;
  it("are told apart by their bytes", () => {
    expect(kindOf(new TextEncoder().encode(`Bag Attributes\n${cert(1)}`))).toBe("pem");
    expect(kindOf(Uint8Array.from([0x30, 0x82, 0x09, 0x00, 0x02, 0x01, 0x03]))).toBe("pfx");
    expect(kindOf(Uint8Array.from([0x30, 0x80, 0x02, 0x01, 0x03]))).toBe("pfx");
    expect(kindOf(Uint8Array.from([0x30, 0x82, 0x03, 0x00, 0x30, 0x82, 0x01]))).toBe("der");
  });
  it("are encoded whole", () => {
    const bytes = new Uint8Array(100_000).fill(65);
    expect(atob(base64(bytes))).toHaveLength(100_000);
  });
  it("with several certificates are split", () => {
    expect(splitPem(`${cert(1)}\n${cert(2)}\n`)).toEqual([cert(1), cert(2)]);
    expect(splitPem(cert(1))).toEqual([cert(1)]);
    expect(splitPem("rubbish")).toEqual(["rubbish"]);
  });
});

describe("the tree of CA certificates", () => {
  it("hangs each below its issuer, whatever the order", () => {
    const roots = forest([
      { index: 0, parent: 2 },
      { index: 1, parent: null },
      { index: 2, parent: 1 },
      { index: 3, parent: 9 },
    ]);
    expect(roots.map((r) => r.item.index)).toEqual([1, 3]);
    expect(roots[0]?.children[0]?.item.index).toBe(2);
    expect(roots[0]?.children[0]?.children[0]?.item.index).toBe(0);
  });
  it("shows those that issued each other", () => {
    const roots = forest([
      { index: 0, parent: 1 },
      { index: 1, parent: 0 },
      { index: 2, parent: 0 },
    ]);
    expect(roots.map((r) => r.item.index)).toEqual([0, 1]);
    expect(roots[0]?.children.map((c) => c.item.index)).toEqual([2]);
  });
});

describe("tiers", () => {
  it.each(["Developer", "Basic", "Standard", "Premium"])("%s asks by host name", (sku) => {
    expect(certificateSwitch(sku)).toEqual({ perHostname: true, label: "Negotiate client certificate" });
  });
  it.each(["Consumption", "BasicV2", "StandardV2", "PremiumV2"])("%s has one switch", (sku) => {
    expect(certificateSwitch(sku)).toEqual({ perHostname: false, label: "Request client certificate" });
  });
});

describe("policy addresses", () => {
  const service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/local";
  it.each([
    ["all APIs", "", "", "/policies/policy", "/apis/policy"],
    ["an API", "a", "", "/apis/a/policies/policy", "/apis/a/policy"],
    ["an operation", "a", "o", "/apis/a/operations/o/policies/policy", "/apis/a/operations/o/policy"],
  ])("of %s lead there and back", (_, api, operation, id, route) => {
    const place = policyPlace(service, api, operation);
    expect(place.id).toBe(service + id);
    expect(place.route).toBe(route);
    expect(policyRoute(place.id, 4)).toBe(`${route}?line=4`);
  });
  it("of a decision go to the scope that decided", () => {
    expect(scopeRoute("global", "a", "o")).toBe("/apis/policy");
    expect(scopeRoute("api", "a", "o", 3)).toBe("/apis/a/policy?line=3");
    expect(policyRoute(`${service}/certificates/c`)).toBeNull();
  });
});
