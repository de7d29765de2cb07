import { expect, test as base, type Page } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePki, type Pki } from "./pki";
import { seed, type Seed } from "./seed";
import { startPostern, type Postern } from "./server";

interface Worker {
  postern: Postern;
  pki: Pki;
  /** What the worker's postern was filled with; asking for it fills it. */
  seeded: Seed;
}

interface Watch {
  /** Console messages that the test expects, as of refused calls. */
  allowed: RegExp[];
}

/** watch fails a test whose pages wrote errors to the console or sent a request elsewhere. */
async function watch(page: Page, origin: string, allowed: RegExp[], run: () => Promise<void>): Promise<void> {
  const problems: string[] = [];
  page.on("console", (m) => {
    const text = m.text();
    if ((m.type() === "error" || m.type() === "warning") && !allowed.some((a) => a.test(text)))
      problems.push(`console ${m.type()}: ${text}`);
  });
  page.on("pageerror", (e) => problems.push(`uncaught: ${e.message}`));
  page.on("request", (r) => {
    const url = new URL(r.url());
    if (/^https?:|^wss?:/.test(url.protocol) && url.origin !== origin) problems.push(`a request left the origin: ${r.url()}`);
  });
  await run();
  expect(problems).toEqual([]);
}

export const test = base.extend<{ watched: Watch }, Worker>({
  postern: [
    async ({}, use) => {
      const postern = await startPostern();
      await use(postern);
      await postern.stop();
    },
    { scope: "worker" },
  ],
  pki: [
    async ({}, use) => {
      const dir = mkdtempSync(join(tmpdir(), "postern-pki-"));
      await use(makePki(dir));
      rmSync(dir, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  seeded: [async ({ postern, pki }, use) => use(await seed(postern, pki)), { scope: "worker", timeout: 60_000 }],
  baseURL: async ({ postern }, use) => use(postern.url),
  watched: [
    async ({ page, postern }, use) => {
      const watched: Watch = { allowed: [] };
      await watch(page, postern.url, watched.allowed, () => use(watched));
    },
    { auto: true },
  ],
});

export { expect };

/** signIn gives the page's context a session, without the form. */
export async function signIn(page: Page, token: string): Promise<void> {
  const answer = await page.request.post("/postern/v1/session", { data: { token } });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** openPage goes to a page, within the portal where it is open already, and waits until it stands. */
export async function openPage(page: Page, path: string): Promise<void> {
  const inside = (await page.locator("#content").count()) > 0;
  if (inside) await page.evaluate((to) => window.history.pushState(null, "", to), path);
  else await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator(".loading")).toHaveCount(0);
}
