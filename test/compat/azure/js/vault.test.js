// Azure's JavaScript clients of Key Vault, unmodified, against the embedded vault.
import assert from "node:assert/strict";
import test from "node:test";
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { CertificateClient } from "@azure/keyvault-certificates";

const { POSTERN_VAULT, POSTERN_AUTHORITY, POSTERN_TENANT, POSTERN_CLIENT, POSTERN_SECRET } = process.env;
const credential = new ClientSecretCredential(POSTERN_TENANT, POSTERN_CLIENT, POSTERN_SECRET, {
  authorityHost: POSTERN_AUTHORITY,
  disableInstanceDiscovery: true,
});

const all = async (iterator) => {
  const out = [];
  for await (const x of iterator) out.push(x);
  return out;
};

test("secrets", async () => {
  const client = new SecretClient(POSTERN_VAULT, credential);
  const first = await client.setSecret("js-greeting", "hello", { contentType: "text/plain", tags: { a: "b" } });
  await client.setSecret("js-greeting", "hi");
  assert.equal((await client.getSecret("js-greeting")).value, "hi");
  const old = await client.getSecret("js-greeting", { version: first.properties.version });
  assert.equal(old.value, "hello");
  assert.deepEqual({ ...old.properties.tags }, { a: "b" });
  assert.equal((await all(client.listPropertiesOfSecretVersions("js-greeting"))).length, 2);
  await client.updateSecretProperties("js-greeting", first.properties.version, { enabled: false });
  await assert.rejects(client.getSecret("js-greeting", { version: first.properties.version }), { statusCode: 403 });
  const backup = await client.backupSecret("js-greeting");
  await (await client.beginDeleteSecret("js-greeting")).pollUntilDone();
  await assert.rejects(client.getSecret("js-greeting"), { statusCode: 404, code: "SecretNotFound" });
  await (await client.beginRecoverDeletedSecret("js-greeting")).pollUntilDone();
  assert.equal((await client.getSecret("js-greeting")).value, "hi");
  await (await client.beginDeleteSecret("js-greeting")).pollUntilDone();
  await client.purgeDeletedSecret("js-greeting");
  await client.restoreSecretBackup(backup);
  assert.equal((await client.getSecret("js-greeting")).value, "hi");
});

test("certificates", async () => {
  const client = new CertificateClient(POSTERN_VAULT, credential);
  const policy = { issuerName: "Self", subject: "CN=js", keyType: "RSA", keySize: 2048, validityInMonths: 12, contentType: "application/x-pem-file" };
  const made = await (await client.beginCreateCertificate("js-cert", policy)).pollUntilDone();
  assert.equal(made.policy.subject, "CN=js");
  assert.ok(made.cer.length > 100);
  assert.equal(made.properties.x509Thumbprint.length, 20);
  const secret = await new SecretClient(POSTERN_VAULT, credential).getSecret("js-cert");
  assert.equal(secret.properties.contentType, "application/x-pem-file");
  assert.match(secret.value, /PRIVATE KEY/);
  const imported = await client.importCertificate("js-imported", new TextEncoder().encode(secret.value), { policy: { contentType: "application/x-pem-file" } });
  assert.deepEqual(imported.cer, made.cer);
  await client.updateCertificateProperties("js-cert", made.properties.version, { tags: { k: "v" } });
  assert.equal((await client.getCertificate("js-cert")).properties.tags.k, "v");
  assert.ok((await all(client.listPropertiesOfCertificates())).some((p) => p.name === "js-imported"));
  await client.setContacts([{ email: "a@contoso.com" }]);
  assert.equal((await client.getContacts())[0].email, "a@contoso.com");
  await (await client.beginDeleteCertificate("js-cert")).pollUntilDone();
  await assert.rejects(client.getCertificate("js-cert"), { statusCode: 404 });
  await (await client.beginRecoverDeletedCertificate("js-cert")).pollUntilDone();
  assert.equal((await client.getCertificate("js-cert")).policy.subject, "CN=js");
});
