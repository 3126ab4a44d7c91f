/** Bundles the command line for plain Node. */
import { chmod } from "node:fs/promises"
import { join } from "node:path"
import type { Metafile, Plugin } from "esbuild"
import { build } from "esbuild"

/**
 * Packages that @effect/platform-node imports for functions that this program never calls: WebSockets of its own, and responses whose type is found
 * by a file's name. They would be a tenth of what `serve` loads. What is called after all fails, and says so.
 */
const unused: Plugin = {
  name: "unused packages",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^(ws|mime)$/ }, ({ path }) => ({ path, namespace: "unused" }))
    onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => ({
      contents: `const missing = () => { throw new Error("${path} is left out of the build: see scripts/commands.ts") }
export class WebSocket { constructor() { missing() } }
export class WebSocketServer { constructor() { missing() } }
export default { getType: missing }`
    }))
  }
}

/** Writes `main.js` and its chunks. Returns which input esbuild put into which file. */
export const bundleCommands = async (outdir: string): Promise<Metafile> => {
  const { metafile } = await build({
    entryPoints: { main: "src/main.ts" },
    outdir,
    chunkNames: "Cli/chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    minifySyntax: true,
    // esbuild is used only in development, to bundle pages.
    // The NATS packages are optional, and they are CommonJS without named exports for a bundle: Node loads them from node_modules.
    external: ["esbuild", "@nats-io/*"],
    plugins: [unused],
    // Packages that are CommonJS load Node's modules with `require`.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    metafile: true,
    logLevel: "warning"
  })
  await chmod(join(outdir, "main.js"), 0o755)
  return metafile
}
