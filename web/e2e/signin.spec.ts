import { readFileSync } from "node:fs";
import { expect, openPage, signIn, test } from "./fixtures";

test("the link signs in once, and its code leaves the address", async ({ page, postern, watched }) => {
  await page.goto(postern.link);
  await expect(page.getByRole("heading", { level: 1, name: "local" })).toBeVisible();
  expect(page.url()).not.toContain("code");
  const cookies = await page.context().cookies();
  const session = cookies.find((c) => c.name === "__Host-postern");
  expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict", path: "/" });

  watched.allowed.push(/401/);
  await page.context().clearCookies();
  await page.goto("about:blank");
  await page.goto(postern.link);
  await expect(page.getByRole("alert")).toContainText("Not signed in");
});

test("the administrator's token signs in, a wrong one does not, sign out ends it", async ({ page, postern, watched }) => {
  watched.allowed.push(/401/);
  await page.goto("/security/certificates");
  await page.getByLabel("Administrator's token").fill("pst_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("Administrator's token")).toHaveValue("pst_wrong");
  await page.getByLabel("Administrator's token").fill(postern.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Certificates", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Postern" })).toBeVisible();
});

test("a change without the session's CSRF token is refused", async ({ page, postern }) => {
  await signIn(page, postern.token);
  const refused = await page.request.post("/postern/v1/handshake", {
    data: { hostName: "localhost" },
    headers: { Origin: "https://elsewhere.example" },
  });
  expect([401, 403]).toContain(refused.status());
});

test("what is entered outlives the session", async ({ page, postern, watched }) => {
  watched.allowed.push(/status of 401/);
  await signIn(page, postern.token);
  await openPage(page, "/apis");
  await page.getByRole("button", { name: "Add API" }).click();
  const form = page.getByRole("dialog", { name: "Add HTTP API" });
  await form.getByLabel("Display name").fill("Orders");
  await page.context().clearCookies();
  await form.getByRole("button", { name: "Create" }).click();
  const again = page.getByRole("alertdialog", { name: "The session has ended" });
  await again.getByLabel("Administrator's token").fill(postern.token);
  await again.getByRole("button", { name: "Sign in" }).click();
  await expect(again).toHaveCount(0);
  await expect(form.getByLabel("Display name")).toHaveValue("Orders");
  await form.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();
});

test("a certificate is dropped into the lab", async ({ page, postern, pki }) => {
  await signIn(page, postern.token);
  await openPage(page, "/tools/lab");
  const dropped = await page.evaluateHandle(
    (text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "dropped.pem"));
      return transfer;
    },
    readFileSync(pki.intermediate, "utf8"),
  );
  await page.getByText("Or a file").dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.getByText("dropped.pem")).toBeVisible();
  await expect(page.getByRole("region", { name: /^Certificate: / })).toContainText("Partner Issuing CA");
});
