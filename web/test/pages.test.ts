import { describe, expect, it } from "vitest";
import type { Authority, InspectedCertificate } from "../src/api/postern";
import { emptySource, sourceProblem, vaultReference } from "../src/components/source/source";
import { templateParameters } from "../src/pages/apis/template";
import { nameFrom } from "../src/pages/apis/AddApiPanel";
import { configurations, findings, type Upload } from "../src/pages/authorities/report";
import { idProblem, input } from "../src/pages/certificates/pending";
import { rowsOf } from "../src/pages/certificates/rows";
import { configurationOf, entryProblem, forServer, withEntry, type Entry } from "../src/pages/domains/draft";
import { atProblem, labRequest } from "../src/pages/lab/form";
import { emptyForm, formProblem, parseHeaders, pathOf, requestOf } from "../src/pages/tryit/form";

const certificate = (change: Partial<InspectedCertificate>): InspectedCertificate => ({
  subject: "CN=Issuing",
  issuer: "CN=Root",
  subjectName: "",
  thumbprint: "AA",
  thumbprintSha256: "",
  serialNumber: "",
  notBefore: "2020-01-01T00:00:00Z",
  notAfter: "2099-01-01T00:00:00Z",
  hasPrivateKey: false,
  keyAlgorithm: "",
  signatureAlgorithm: "",
  friendlyName: "",
  nameInfoSimpleName: "",
  nameInfoEmailName: "",
  nameInfoUpnName: "",
  nameInfoDnsName: "",
  nameInfoUrlName: "",
  extensions: [],
  ...change,
});
const upload = (store: Upload["store"], change: Partial<InspectedCertificate>): Upload => ({
  data: "x",
  store,
  certificate: certificate(change),
});
const present = { index: 0, storeName: "Root", parent: null, subject: "CN=Root", thumbprint: "BB" } as Authority;

describe("the upload report of CA certificates", () => {
  const texts = (u: Upload, others: Upload[] = [], there: Authority[] = []) =>
    findings(u, others, there)
      .map((f) => `${f.tone}: ${f.text}`)
      .join("\n");
  it.each([
    ["a root in Root", upload("Root", { subject: "CN=Root" }), [], "good: It signed itself"],
    ["a root in Intermediate", upload("CertificateAuthority", { subject: "CN=Root" }), [], "warn: It signed itself"],
    ["an intermediate without its issuer", upload("CertificateAuthority", {}), [], "warn: Its issuer Root is not here"],
    ["an intermediate with it", upload("CertificateAuthority", {}), [present], "good: Its issuer Root is here"],
    ["an intermediate in Root", upload("Root", {}), [present], "warn: It did not sign itself"],
    ["one that is there", upload("Root", { subject: "CN=Root", thumbprint: "BB" }), [present], "warn: It is in this store already"],
    ["an expired one", upload("CertificateAuthority", { notAfter: "2021-01-01T00:00:00Z" }), [present], "bad: It has expired"],
  ])("%s", (_, u, there, want) => {
    expect(texts(u, [], there)).toContain(want);
  });
  it("sees the issuer in the same file", () => {
    expect(texts(upload("CertificateAuthority", {}), [upload("Root", { subject: "CN=Root" })])).toContain("good: Its issuer");
  });
  it("keeps those that are there by what GET showed of them", () => {
    const info = { subject: "CN=Root", thumbprint: "BB", expiry: "" };
    expect(configurations([{ storeName: "Root", certificate: info }], [upload("CertificateAuthority", {})], "p")).toEqual([
      { storeName: "Root", certificate: info },
      { storeName: "CertificateAuthority", encodedCertificate: "x", certificatePassword: "p" },
    ]);
  });
});

describe("a certificate that is entered", () => {
  const file = { name: "a.pfx", data: "QQ==", kind: "pfx" as const };
  it("needs an id of its own", () => {
    expect(idProblem("", [])).not.toBeNull();
    expect(idProblem("a/b", [])).not.toBeNull();
    expect(idProblem("Partner", ["partner"])).toContain("already");
    expect(idProblem("partner.2", ["partner"])).toBeNull();
  });
  it("needs identifier and identity, or a file that was read", () => {
    expect(sourceProblem(emptySource)).not.toBeNull();
    const vault = { ...emptySource, identifier: "https://v/secrets/c" };
    expect(sourceProblem(vault)).toBe("Choose a client identity.");
    expect(sourceProblem({ ...vault, identity: "system" })).toBeNull();
    expect(sourceProblem({ ...emptySource, kind: "custom", file })).toContain("not read");
  });
  it("becomes what ARM takes", () => {
    const vault = { ...emptySource, identifier: " https://v/secrets/c ", identity: "system" };
    expect(vaultReference(vault)).toEqual({ secretIdentifier: "https://v/secrets/c" });
    expect(input({ ...vault, identity: "1234" })).toEqual({
      keyVault: { secretIdentifier: "https://v/secrets/c", identityClientId: "1234" },
    });
    expect(input({ ...emptySource, kind: "custom", file, password: "p" })).toEqual({ data: "QQ==", password: "p" });
  });
  it("stands first in the list, a replacement on its line", () => {
    const stored = { id: "/x/certificates/a", name: "a", type: "", properties: {} };
    const pending = (id: string, replaces: boolean) => ({ id, replaces, source: emptySource, error: null });
    const rows = rowsOf([stored], [], [pending("b", false), pending("A", true)]);
    expect(rows.map((r) => [r.id, r.pending?.id])).toEqual([
      ["b", "b"],
      ["a", "A"],
    ]);
  });
});

describe("custom domains", () => {
  const entry: Entry = { type: "Proxy", hostName: "API.contoso.com ", negotiate: true, isDefault: true, source: null };
  const old = {
    type: "Proxy",
    hostName: "api.contoso.com",
    keyVaultId: "https://v/secrets/c",
    certificateSource: "KeyVault",
    certificateStatus: "Completed",
    future: 1,
  };
  it("are checked", () => {
    expect(entryProblem(entry, [])).toBeNull();
    expect(entryProblem(entry, [old])).toContain("already");
    expect(entryProblem({ ...entry, hostName: "a b" }, [])).toContain("not a host name");
    expect(entryProblem({ ...entry, hostName: "*.contoso.com" }, [])).toBeNull();
  });
  it("keep their certificate and what is not known here", () => {
    expect(configurationOf(entry, old)).toMatchObject({
      hostName: "api.contoso.com",
      keyVaultId: "https://v/secrets/c",
      future: 1,
      negotiateClientCertificate: true,
    });
  });
  it("lose the old source with a new one", () => {
    const file = { name: "a.pfx", data: "QQ==", kind: "pfx" as const };
    const got = configurationOf({ ...entry, source: { ...emptySource, kind: "custom", file } }, old);
    expect(got).toMatchObject({ encodedCertificate: "QQ==", certificateSource: "Custom" });
    expect(got).not.toHaveProperty("keyVaultId");
  });
  it("have one default", () => {
    const list = withEntry([{ ...old, defaultSslBinding: true }], -1, configurationOf({ ...entry, hostName: "b" }, null));
    expect(list.map((h) => h.defaultSslBinding)).toEqual([false, true]);
  });
  it("go to the server without what it says itself", () => {
    expect(forServer([old])[0]).toEqual({ type: "Proxy", hostName: "api.contoso.com", keyVaultId: "https://v/secrets/c", future: 1 });
  });
});

describe("try it", () => {
  it("makes paths of API and operation", () => {
    const api = { id: "", name: "", type: "", properties: { displayName: "", path: "orders" } };
    const operation = { id: "", name: "", type: "", properties: { displayName: "", method: "GET", urlTemplate: "/{id}/*" } };
    expect(pathOf(api, operation)).toBe("/orders/{id}");
    expect(pathOf(undefined, undefined)).toBe("/");
  });
  it("reads headers", () => {
    expect(parseHeaders("A: 1\n\n x-b:c:d ")).toEqual([
      ["A", "1"],
      ["x-b", "c:d"],
    ]);
    expect(parseHeaders("no header")).toContain("no header");
  });
  it("says what keeps it from sending", () => {
    expect(formProblem({ ...emptyForm, path: "x" })).toContain("begins with /");
    expect(formProblem({ ...emptyForm, path: "/a/{id}" })).toContain("{id}");
    expect(formProblem({ ...emptyForm, caller: "pfx" })).toContain("PFX");
    expect(formProblem(emptyForm)).toBeNull();
  });
  it("asks the server as the contract says", () => {
    expect(requestOf({ ...emptyForm, path: "/a", headers: "A: 1" })).toEqual({
      method: "GET",
      path: "/a",
      headers: [["A", "1"]],
      certificate: { development: { name: "client-01" } },
    });
    expect(requestOf({ ...emptyForm, caller: "none" }).certificate).toBeNull();
  });
});

describe("forms", () => {
  it("of the lab", () => {
    const form = { text: " PEM ", file: null, password: "", chain: null, at: "2027-03-01", clientCheck: true };
    expect(labRequest(form)).toEqual({ data: " PEM ", clientCheck: true, at: "2027-03-01T00:00:00.000Z" });
    expect(atProblem("yesterday")).toContain("yesterday");
  });
  it("of APIs and operations", () => {
    expect(nameFrom(" Orders & Co. 2 ")).toBe("orders-co-2");
    expect(templateParameters("/a/{id}/{id}/{*rest}").map((p) => p.name)).toEqual(["id", "rest"]);
  });
});
