import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The build lies beside this folder, where Go embeds it. No file is inlined: the
// content security policy allows what the master serves, and nothing else.
export default defineConfig({
  plugins: [react()],
  build: { outDir: "../dist/app", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { "/api": process.env.CAPRI_SERVER ?? "http://127.0.0.1:8080" } },
});
