import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, openPage, signIn, test } from "./fixtures";
import { hostName } from "./pki";
import { service } from "./seed";

// The documented steps, as a person does them. Each builds on the one before.
test.describe.configure({ mode: "serial" });

const panel = (page: Page, name: string) => page.getByRole("dialog", { name });
const menu = (page: Page, name: string) => page.getByRole("navigation", { name: "Service" }).getByRole("link", { name, exact: true });
const command = (page: Page, name: string) => page.getByRole("toolbar").getByRole("button", { name, exact: true });

/** What the browser writes of a call that is rightly refused, as of a PFX before its password is entered. */
const refused = /Failed to load resource: the server responded with a status of (4\d\d|501)/;

async function save(page: Page): Promise<void> {
  await command(page, "Save").click();
  await expect(command(page, "Save")).toBeDisabled();
  await expect(page.getByRole("alert")).toHaveCount(0);
}

test.beforeEach(async ({ page, postern }) => {
  await signIn(page, postern.token);
  await page.goto("/");
});

test("managed identities: system-assigned on", async ({ page }) => {
  await menu(page, "Managed identities").click();
  await page.getByRole("switch", { name: "System-assigned identity" }).click();
  await expect(page.getByText("Object (principal) id")).toBeVisible();
});

test("managed identities: a user-assigned one is added, may read the vault, and goes", async ({ page }) => {
  await menu(page, "Managed identities").click();
  await command(page, "Add user-assigned").click();
  await panel(page, "Add user-assigned identity").getByLabel("Name").fill("reader");
  await panel(page, "Add user-assigned identity").getByRole("button", { name: "Add" }).click();
  const own = page.getByRole("region", { name: "User assigned" });
  await expect(own.getByRole("heading", { name: "reader" })).toBeVisible();
  await own.getByRole("button", { name: "Grant" }).click();
  await expect(own.getByText("The identity may read certificates")).toBeVisible();
  await own.getByRole("button", { name: "Delete reader" }).click();
  const ask = page.getByRole("alertdialog");
  await expect(ask).toContainText("It is used in");
  await ask.getByRole("button", { name: "Delete" }).click();
  await expect(ask).toHaveCount(0);
  await expect(own.getByRole("heading", { name: "reader" })).toHaveCount(0);
});

test("key vault: import a certificate", async ({ page, pki, watched }) => {
  watched.allowed.push(refused);
  await menu(page, "Key vault").click();
  await command(page, "Import certificate").click();
  const form = panel(page, "Import certificate");
  await form.getByLabel("Certificate name").fill("partner");
  await form.getByLabel("Certificate file").setInputFiles(pki.clientPfx);
  await form.getByLabel("Password").fill("wrong");
  await expect(form.getByText(/password/i).last()).toBeVisible();
  await form.getByLabel("Password").fill(pki.password);
  await expect(form.getByText("CN=partner-client", { exact: false }).first()).toBeVisible();
  await form.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("table", { name: "Certificates in the vault" }).getByRole("link", { name: "partner" })).toBeVisible();
});

test("Security › Certificates › + Add › Id › Certificate: Key vault › Select › Client identity › Add › Save", async ({ page }) => {
  await menu(page, "Certificates").click();
  await command(page, "Add").click();
  const form = panel(page, "Add certificate");
  await form.getByRole("textbox", { name: "Id", exact: true }).fill("partner");
  await form.getByRole("radio", { name: "Key vault" }).check();
  await form.getByRole("button", { name: "Select" }).click();
  const picker = panel(page, "Select certificate from Key Vault");
  await picker.getByLabel("Key vault").selectOption("default");
  await picker.getByLabel("Certificate").selectOption("partner");
  await picker.getByRole("button", { name: "Select" }).click();
  await form.getByLabel("Client identity").selectOption({ label: "System-assigned" });
  await form.getByRole("button", { name: "Grant" }).click();
  await expect(form.getByText("The identity may read certificates")).toBeVisible();
  await form.getByRole("button", { name: "Add" }).click();
  await expect(page.getByText("Not saved")).toBeVisible();
  await save(page);
  const row = page.getByRole("row", { name: /partner/ });
  await expect(row).toContainText("CN=partner-client");
  await expect(row).toContainText("Key vault");
  await row.getByRole("button", { name: "Copy SHA-1 thumbprint" }).click();
});

test("an identifier with a version is warned of", async ({ page }) => {
  await menu(page, "Certificates").click();
  await command(page, "Add").click();
  const form = panel(page, "Add certificate");
  await form
    .getByRole("textbox", { name: "Identifier" })
    .fill("https://default.vault.localhost/secrets/partner/0123456789abcdef0123456789abcdef");
  await expect(form.getByText("It will not rotate")).toBeVisible();
  await form.getByRole("button", { name: "Remove the version" }).click();
  await expect(form.getByRole("textbox", { name: "Identifier" })).toHaveValue("https://default.vault.localhost/secrets/partner");
  await form.getByRole("button", { name: "Cancel" }).click();
});

test("Security › Certificates › + Add › Id › Certificate: Custom › Add › Save", async ({ page, pki, watched }) => {
  watched.allowed.push(refused);
  await menu(page, "Certificates").click();
  await command(page, "Add").click();
  const form = panel(page, "Add certificate");
  await form.getByRole("textbox", { name: "Id", exact: true }).fill("custom");
  await form.getByRole("radio", { name: "Custom" }).check();
  await form.getByLabel("Certificate file").setInputFiles(pki.clientPfx);
  await form.getByLabel("Password").fill(pki.password);
  await expect(form.getByRole("region", { name: "Certificate in the file" })).toContainText(pki.clientThumbprint);
  await form.getByRole("button", { name: "Add" }).click();
  await save(page);
  await expect(page.getByRole("row", { name: /custom/ })).toContainText("CN=partner-client");
});

test("what was entered stays when saving fails", async ({ page, watched }) => {
  watched.allowed.push(refused);
  await menu(page, "Certificates").click();
  await command(page, "Add").click();
  const form = panel(page, "Add certificate");
  await form.getByRole("textbox", { name: "Id", exact: true }).fill("gone");
  await form.getByRole("textbox", { name: "Identifier" }).fill("https://default.vault.localhost/secrets/there-is-none");
  await form.getByLabel("Client identity").selectOption({ label: "System-assigned" });
  await form.getByRole("button", { name: "Add" }).click();
  await command(page, "Save").click();
  const row = page.getByRole("row", { name: /gone/ });
  await expect(row).toContainText("Not saved:");
  await row.getByRole("button", { name: "Actions for gone" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await expect(panel(page, "Add certificate").getByRole("textbox", { name: "Identifier" })).toHaveValue(/there-is-none/);
  await panel(page, "Add certificate").getByRole("button", { name: "Cancel" }).click();
  await menu(page, "Overview").click();
  await menu(page, "Certificates").click();
  await expect(row).toContainText("Not saved:");
  await command(page, "Discard").click();
  await expect(row).toHaveCount(0);
});

test("Security › CA certificates › + Add › file › store › Save", async ({ page, pki }) => {
  await menu(page, "CA certificates").click();
  await command(page, "Add").click();
  let form = panel(page, "Add CA certificate");
  await form.getByLabel("Certificate file").setInputFiles(pki.root);
  await expect(form.getByText("It signed itself: chains may end here.")).toBeVisible();
  await expect(form.getByLabel("Store")).toHaveValue("Root");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Partner Root CA", { exact: true })).toBeVisible();

  await command(page, "Add").click();
  form = panel(page, "Add CA certificate");
  await form.getByLabel("Certificate file").setInputFiles(pki.intermediate);
  await expect(form.getByText("Its issuer Partner Root CA is here.")).toBeVisible();
  await expect(form.getByLabel("Store")).toHaveValue("CertificateAuthority");
  await form.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Partner Root CA" }).first()).toContainText("Partner Issuing CA");
});

test("Deployment › Custom domains: a domain that negotiates a client certificate", async ({ page, pki, watched }) => {
  watched.allowed.push(refused);
  await menu(page, "Custom domains").click();
  await command(page, "Add").click();
  const form = panel(page, "Add custom domain");
  await form.getByLabel("Hostname").fill(hostName);
  await form.getByRole("radio", { name: "Custom" }).check();
  await form.getByLabel("Certificate file").setInputFiles(pki.serverPfx);
  await form.getByLabel("Password").fill(pki.password);
  await expect(form.getByRole("region", { name: "Certificate in the file" })).toContainText(hostName);
  await form.getByLabel("Negotiate client certificate").check();
  await form.getByRole("button", { name: "Add" }).click();
  await save(page);
  await page.getByRole("button", { name: `Test handshake with ${hostName}` }).click();
  await expect(page.getByText("The server asks for a client certificate.")).toBeVisible();
});

test("Deployment › Custom domains: the certificate from a key vault", async ({ page, postern, pki }) => {
  const imported = await page.request.post("/postern/v1/vaults/default/certificates/server/import?api-version=7.5", {
    headers: { Authorization: `Bearer ${postern.token}` },
    data: { value: readFileSync(pki.serverPfx).toString("base64"), pwd: pki.password },
  });
  expect(imported.status(), await imported.text()).toBe(200);
  await menu(page, "Custom domains").click();
  await page.getByRole("button", { name: `Edit ${hostName}` }).click();
  const form = panel(page, hostName);
  await form.getByLabel("Replace the certificate").check();
  await form.getByRole("button", { name: "Select" }).click();
  const picker = panel(page, "Select certificate from Key Vault");
  await picker.getByLabel("Certificate").selectOption("server");
  await picker.getByRole("button", { name: "Select" }).click();
  await form.getByLabel("Client identity").selectOption({ label: "System-assigned" });
  await form.getByRole("button", { name: "Update" }).click();
  await save(page);
  await expect(page.getByRole("row", { name: new RegExp(hostName) })).toContainText("/secrets/server");
});

test("APIs: add an API and an operation", async ({ page }) => {
  await menu(page, "APIs").click();
  await command(page, "Add API").click();
  const form = panel(page, "Add HTTP API");
  await form.getByLabel("Display name").fill("Hello");
  await form.getByLabel("API URL suffix").fill("hello");
  await form.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Hello" })).toBeVisible();
  await command(page, "Add operation").click();
  const operation = panel(page, "Add operation");
  await operation.getByLabel("Display name").fill("Say hello");
  await operation.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("table", { name: "Operations" })).toContainText("Say hello");
});

const policy = (condition: string) => `<policies>
    <inbound>
        <choose>
            <when condition="@(${condition})">
                <return-response>
                    <set-status code="403" reason="Invalid client certificate" />
                </return-response>
            </when>
        </choose>
        <return-response>
            <set-status code="200" reason="OK" />
            <set-body>@("Hello, " + context.Request.Certificate.Subject)</set-body>
        </return-response>
    </inbound>
    <backend />
    <outbound />
    <on-error />
</policies>
`;

async function write(page: Page, text: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: /Policy document/ });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

test("the policy: mistakes are marked while it is typed, then it is saved", async ({ page }) => {
  await openPage(page, "/apis/hello");
  await command(page, "Policy of all operations").click();
  await write(page, policy("context.Request.Certificat == null"));
  const problems = page.getByRole("region", { name: "Problems" });
  await expect(problems).toContainText("CS1061");
  await expect(page.locator(".cm-lintRange-error").first()).toBeVisible();
  await write(page, policy("context.Request.Certificate == null || !context.Request.Certificate.VerifyNoRevocation()"));
  await expect(problems).toContainText("No problems");
  await save(page);
});

test("the editor completes members of context", async ({ page }) => {
  await openPage(page, "/apis/hello/policy");
  await write(page, '<policies>\n    <inbound>\n        <set-variable name="a" value="@(');
  await page.keyboard.type("context.");
  await expect(page.locator(".cm-tooltip-autocomplete")).toContainText("Request");
  await page.keyboard.press("Escape");
  await command(page, "Discard").click();
});

test("a snippet goes in at the cursor", async ({ page }) => {
  await openPage(page, "/apis/hello/policy");
  await page.locator(".cm-line", { hasText: "<inbound>" }).click();
  await page.keyboard.press("End");
  await page.getByRole("button", { name: "Insert snippet" }).click();
  await page.getByRole("menuitem").first().click();
  await expect(page.locator(".cm-content")).toContainText("<validate-client-certificate");
  await command(page, "Discard").click();
  await expect(page.locator(".cm-content")).not.toContainText("<validate-client-certificate");
});

/** call uses Try it as a person does. */
async function call(page: Page, caller: string, pfx?: string, password?: string): Promise<void> {
  await menu(page, "Try it").click();
  await page.getByLabel("API", { exact: true }).selectOption({ label: "Hello" });
  await page.getByLabel("Operation", { exact: true }).selectOption({ label: "GET Say hello" });
  await page.getByLabel("Host", { exact: true }).selectOption(hostName);
  await page.getByRole("radio", { name: caller }).check();
  if (pfx) {
    await page.getByLabel("Certificate with private key").setInputFiles(pfx);
    await page.getByLabel("Password").fill(password ?? "");
  }
  await page.getByRole("button", { name: "Send" }).click();
}

test("a call without a certificate is refused, and the policy line is named", async ({ page }) => {
  await call(page, "None");
  await expect(page.getByRole("region", { name: "Response" })).toContainText("403");
  const decision = page.getByRole("region", { name: "Decision" });
  await expect(decision).toContainText("Refused");
  await decision.getByRole("link", { name: /^line \d+/ }).click();
  await expect(page.locator(".cm-activeLine")).toContainText(/return-response|when/);
});

test("a call with a stranger's certificate is refused, and the failing check of the chain is shown", async ({ page, pki }) => {
  await call(page, "PFX file", pki.strangerPfx, pki.password);
  await expect(page.getByRole("region", { name: "Response" })).toContainText("403");
  await expect(page.getByRole("region", { name: "Certificate chain" })).toContainText("The chain fails");
  await expect(page.getByRole("region", { name: "Certificate chain" })).toContainText("stranger");
});

test("a call with the partner's certificate is let in", async ({ page, pki }) => {
  await call(page, "PFX file", pki.clientPfx, pki.password);
  await expect(page.getByRole("region", { name: "Response" })).toContainText("200");
  await expect(page.getByLabel("Response body")).toContainText("Hello, CN=partner-client");
});

test("the overview counts the refusals and opens one", async ({ page }) => {
  await menu(page, "Overview").click();
  const refusals = page.getByRole("region", { name: "Recent refusals" });
  await expect(refusals).toContainText("refused since");
  await refusals.getByRole("table").getByRole("link").first().click();
  await expect(page.getByRole("region", { name: "Decision" })).toContainText("Refused");
});

test("the lab judges a pasted certificate", async ({ page, pki }) => {
  await menu(page, "Certificate lab").click();
  await page.getByLabel("Certificate and chain").fill(readFileSync(pki.intermediate, "utf8"));
  await page.getByRole("button", { name: "Judge" }).click();
  await expect(page.getByRole("region", { name: "VerifyNoRevocation()" })).toBeVisible();
  await expect(page.getByRole("region", { name: /^Certificate: / })).toContainText("Partner Issuing CA");
});

test("a new version in the vault is picked up by refresh", async ({ page, pki, watched }) => {
  watched.allowed.push(refused);
  await menu(page, "Key vault").click();
  await page.getByRole("link", { name: "partner" }).click();
  await command(page, "New version from a file").click();
  const form = panel(page, "New version of partner");
  await form.getByLabel("Certificate file").setInputFiles(pki.strangerPfx);
  await form.getByLabel("Password").fill(pki.password);
  await form.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("table", { name: "Versions" }).getByRole("row")).toHaveCount(3);
  await menu(page, "Certificates").click();
  await page.getByRole("button", { name: "Actions for partner" }).click();
  await page.getByRole("menuitem", { name: "Refresh from key vault" }).click();
  await expect(page.getByRole("row", { name: /^partner/ })).toContainText("CN=stranger");
});

test("tiers with one switch have Request client certificate", async ({ page, postern }) => {
  const answer = await page.request.patch(`${service}?api-version=2024-05-01`, {
    headers: { Authorization: `Bearer ${postern.token}`, "If-Match": "*" },
    data: { sku: { name: "StandardV2", capacity: 1 } },
  });
  expect(answer.status(), await answer.text()).toBe(200);
  await menu(page, "Custom domains").click();
  await page.getByRole("switch", { name: "Request client certificate" }).click();
  await save(page);
  await page.getByRole("button", { name: "Test handshake with localhost" }).click();
  await expect(page.getByText("The server asks for a client certificate.")).toBeVisible();
});

test("deleting a certificate lists what uses it", async ({ page }) => {
  await menu(page, "Certificates").click();
  await page.getByRole("button", { name: "Actions for custom" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const ask = page.getByRole("alertdialog");
  await expect(ask).toContainText("Nothing uses it.");
  await ask.getByRole("button", { name: "Delete" }).click();
  await expect(ask).toHaveCount(0);
  await expect(page.getByRole("row", { name: /custom/ })).toHaveCount(0);
});
