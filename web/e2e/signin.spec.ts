import { expect, signIn, test } from "./fixtures";

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
