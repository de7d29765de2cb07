import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, openPage, signIn, test } from "./fixtures";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What each page is called on disk, and where it is. */
const pages: [name: string, path: string][] = [
  ["overview", "/"],
  ["apis", "/apis"],
  ["policy", "/apis/policy"],
  ["certificates", "/security/certificates"],
  ["ca-certificates", "/security/ca-certificates"],
  ["managed-identities", "/security/managed-identities"],
  ["custom-domains", "/deployment/custom-domains"],
  ["key-vault", "/key-vault"],
  ["key-vault-secrets", "/key-vault?kind=secrets"],
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
  { name: "wide-light", colorScheme: "light", width: 1366 },
  { name: "wide-dark", colorScheme: "dark", width: 1366 },
  { name: "narrow-light", colorScheme: "light", width: 360 },
  { name: "narrow-dark", colorScheme: "dark", width: 360 },
] as const;

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

async function judge(page: Page, shot: string, fullPage: boolean): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(over, `${shot} is wider than its window`).toBeLessThanOrEqual(0);
  await page.screenshot({ path: `screenshots/${shot}.png`, fullPage, animations: "disabled" });
  expect.soft(await seriousIssues(page), shot).toEqual([]);
}

for (const look of looks) {
  test(`pages are accessible and fit: ${look.name}`, async ({ page, postern, watched }) => {
    test.setTimeout(120_000);
    watched.allowed.push(/status of 401/); // before signing in
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width: look.width, height: look.width < 500 ? 740 : 850 });
    await page.goto("/");
    await expect(page.getByRole("heading", { name: "Sign in to Postern" })).toBeVisible();
    await judge(page, `sign-in-${look.name}`, true);
    await signIn(page, postern.token);
    for (const [name, path] of pages) {
      await openPage(page, path);
      if (name === "policy") await expect(page.locator(".cm-content")).toBeVisible();
      await judge(page, `${name}-${look.name}`, true);
    }
    for (const [name, path, button] of panels) {
      await openPage(page, path);
      await page.getByRole("toolbar").getByRole("button", { name: button, exact: true }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await judge(page, `${name}-${look.name}`, false);
    }
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
