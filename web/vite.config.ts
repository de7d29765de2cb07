import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockApi } from "./mock/plugin.ts";

// The build goes where the Go side embeds it; git ignores that folder, so a build leaves the tree clean.
export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockApi()] : [])],
  build: {
    outDir: "../internal/portal/dist/app",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // A script from a data: URL would break the content security policy, as an inline one would.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900, // scripts/budget.mjs judges the sizes, compressed and by page
  },
  server: { host: "127.0.0.1" },
  test: { environment: "node", include: ["test/**/*.test.{ts,tsx}"] },
}));
