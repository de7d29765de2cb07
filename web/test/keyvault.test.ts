import { describe, expect, it } from "vitest";
import { missingPermissions, parseIdentifier, secretIdentifier, versionWarning, withoutVersion } from "../src/lib/keyvault";

const base = "https://myvault.vault.azure.net";

describe("a vault identifier", () => {
  it.each([
    ["a secret", `${base}/secrets/cert`, { host: "myvault.vault.azure.net", kind: "secrets", name: "cert", version: "" }],
    [
      "a certificate with a slash",
      `${base}/certificates/cert/`,
      { host: "myvault.vault.azure.net", kind: "certificates", name: "cert", version: "" },
    ],
    [
      "with a version and spaces",
      `  ${base}/secrets/cert/0123  `,
      { host: "myvault.vault.azure.net", kind: "secrets", name: "cert", version: "0123" },
    ],
    [
      "with a port",
      "https://default.vault.localhost:9444/secrets/c",
      { host: "default.vault.localhost:9444", kind: "secrets", name: "c", version: "" },
    ],
  ])("is read: %s", (_, text, want) => {
    expect(parseIdentifier(text)).toEqual(want);
  });

  it.each([
    ["nothing", ""],
    ["a word", "cert"],
    ["plain HTTP", "http://v/secrets/cert"],
    ["a key", `${base}/keys/cert`],
    ["no name", `${base}/secrets/`],
    ["too much", `${base}/secrets/a/b/c`],
    ["another path", `${base}/storage/a`],
  ])("is refused with words: %s", (_, text) => {
    expect(parseIdentifier(text)).toBeTypeOf("string");
  });

  it("with a version is warned of, and loses it on demand", () => {
    expect(versionWarning(`${base}/secrets/cert`)).toBeNull();
    expect(versionWarning(`${base}/secrets/cert/0123`)).toContain("will not rotate");
    expect(withoutVersion(`${base}/secrets/cert/0123`)).toBe(`${base}/secrets/cert`);
    expect(secretIdentifier(`${base}/`, "cert")).toBe(`${base}/secrets/cert`);
  });
});

describe("permissions that are missing", () => {
  const all = ["secrets get", "secrets list", "certificates get", "certificates list"];
  it.each([
    ["nothing is known", undefined, all],
    ["those of another vault do not count", [{ vault: "other", secrets: ["all"], certificates: ["all"] }], all],
    ["case and 'all' are understood", [{ vault: "Default", secrets: ["Get", "List"], certificates: ["all"] }], []],
    [
      "by the vault's ARM id",
      [{ vault: "/subscriptions/s/vaults/default", secrets: ["get", "list"], certificates: null }],
      ["certificates get", "certificates list"],
    ],
    ["by its address", [{ vault: "https://default.vault.localhost:9444/", secrets: ["get", "list"], certificates: ["get", "list"] }], []],
  ])("%s", (_, permissions, want) => {
    expect(missingPermissions(permissions, "default")).toEqual(want);
  });
});
