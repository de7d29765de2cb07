import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, openPage, signIn, test } from "./fixtures";
import { hostName } from "./pki";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What each page is called on disk, and where it is. */
const pages: [name: string, path: string][] = [
  ["overview", "/"],
  ["apis", "/apis"],
  ["api", "/apis/hello"],
  ["policy", "/apis/hello/policy"],
  ["certificates", "/security/certificates"],
  ["ca-certificates", "/security/ca-certificates"],
  ["managed-identities", "/security/managed-identities"],
  ["custom-domains", "/deployment/custom-domains"],
  ["key-vault", "/key-vault"],
  ["key-vault-secrets", "/key-vault?kind=secrets"],
  ["key-vault-certificate", "/key-vault/default/certificates/partner"],
  ["try-it", "/tools/try"],
  ["certificate-lab", "/tools/lab"],
  ["not-found", "/nowhere"],
];

/** The panels that pages open, by the button that opens them. */
const panels: [name: string, path: string, button: string][] = [
  ["add-certificate", "/security/certificates", "Add"],
  ["add-ca-certificate", "/security/ca-certificates", "Add"],
  ["add-domain", "/deployment/custom-domains", "Add"],
  ["add-api", "/apis", "Add API"],
  ["import-certificate", "/key-vault", "Import certificate"],
];

const looks = [
  { name: "wide-light", colorScheme: "light", width: 1366, axe: true },
  { name: "wide-dark", colorScheme: "dark", width: 1366, axe: true },
  { name: "narrow-light", colorScheme: "light", width: 360, axe: true },
  { name: "narrow-dark", colorScheme: "dark", width: 360, axe: false }, // colours as wide, elements as light
] as const;

type Look = (typeof looks)[number];

/** seriousIssues are what axe finds serious or critical. */
async function seriousIssues(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe: engine } = window as unknown as { axe: { run: (context: object) => Promise<AxeResults> } };
    // Fluent's focus traps have elements that pass the focus on and are never read out.
    return engine.run({ exclude: ["[data-tabster-dummy]"] });
  });
  return found.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary ?? ""}`));
}

async function judge(page: Page, name: string, look: Look, fullPage: boolean): Promise<void> {
  const shot = `${name}-${look.name}`;
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(over, `${shot} is wider than its window`).toBeLessThanOrEqual(0);
  await page.screenshot({ path: `screenshots/${shot}.png`, fullPage, animations: "disabled" });
  if (look.axe) expect.soft(await seriousIssues(page), shot).toEqual([]);
}

/** lab judges a certificate, so that the page shows all that it can. */
async function lab(page: Page, pem: string): Promise<void> {
  await openPage(page, "/tools/lab");
  await page.getByLabel("Certificate and chain").fill(pem);
  await page.getByRole("button", { name: "Judge" }).click();
  await expect(page.getByRole("region", { name: "VerifyNoRevocation()" })).toBeVisible();
}

/** refusedCall tries a call that is refused. */
async function refusedCall(page: Page): Promise<void> {
  await openPage(page, "/tools/try?api=hello&operation=say-hello");
  await expect(page.getByLabel("Path and query")).toHaveValue("/hello");
  await page.getByLabel("Host", { exact: true }).selectOption(hostName);
  await page.getByLabel("Client name").fill("mallory");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.getByRole("region", { name: "Decision" })).toBeVisible();
}

for (const look of looks) {
  test.describe(look.name, () => {
    test.beforeEach(async ({ page, postern, seeded }) => {
      expect(seeded.refusedId).not.toBe("");
      await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width: look.width, height: look.width < 500 ? 740 : 850 });
      await signIn(page, postern.token);
    });

    test("sign in", async ({ page, watched }) => {
      watched.allowed.push(/status of 401/);
      await page.context().clearCookies();
      await page.goto("/");
      await expect(page.getByRole("heading", { name: "Sign in to Postern" })).toBeVisible();
      await judge(page, "sign-in", look, true);
    });

    test("pages", async ({ page, seeded }) => {
      test.setTimeout(120_000);
      for (const [name, path] of [...pages, ["request", `/requests/${seeded.refusedId}`] as const]) {
        await openPage(page, path);
        if (name === "policy") await expect(page.locator(".cm-content")).toBeVisible();
        await judge(page, name, look, true);
      }
    });

    test("panels and answers", async ({ page, pki }) => {
      test.setTimeout(120_000);
      for (const [name, path, button] of panels) {
        await openPage(page, path);
        await page.getByRole("toolbar").getByRole("button", { name: button, exact: true }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await judge(page, name, look, false);
        await page.keyboard.press("Escape");
        await expect(page.getByRole("dialog")).toHaveCount(0);
      }
      await openPage(page, "/deployment/custom-domains");
      await page.getByRole("button", { name: `Test handshake with ${hostName}` }).click();
      await expect(page.getByText("The server asks for a client certificate.")).toBeVisible();
      await judge(page, "handshake", look, false);
      await page.keyboard.press("Escape");
      await lab(page, readFileSync(pki.bundle, "utf8"));
      await judge(page, "lab-answer", look, true);
      await refusedCall(page);
      await judge(page, "try-refused", look, true);
    });
  });
}

test("the keyboard alone opens the menu's pages and a panel", async ({ page, postern }) => {
  await signIn(page, postern.token);
  await openPage(page, "/");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.getByRole("navigation", { name: "Service" }).getByRole("link", { name: "Overview" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Certificates", exact: true })).toBeVisible();
  await page.getByRole("toolbar").getByRole("button", { name: "Add", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Add certificate" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
