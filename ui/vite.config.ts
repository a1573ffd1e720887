import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));

export default defineConfig({
  root: here,
  plugins: [react()],
  clearScreen: false,
  server: { port: 1420, strictPort: true },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The oldest of the three web views that Tauri 2 runs in.
    target: ["safari16", "chrome110"],
    // Read from the disk, never over a network: one chunk starts fastest.
    chunkSizeWarningLimit: 2500,
    // An inlined asset would need `data:` in more of the CSP than fonts and images.
    assetsInlineLimit: 0,
  },
  test: {
    root: here,
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    // Cloudscape in jsdom is slow on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Cloudscape's modules import style sheets, which Node cannot load by itself.
    server: { deps: { inline: [/@cloudscape-design\//] } },
    css: false,
    // Cloudscape is loaded once a worker, not once a file; every test clears up after itself.
    isolate: false,
    restoreMocks: true,
  },
});
