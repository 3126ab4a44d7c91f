/** Bundles the command line for plain Node. */
import { chmod } from "node:fs/promises"
import { join } from "node:path"
import type { Metafile } from "esbuild"
import { build } from "esbuild"

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
    // esbuild is used only in development, to bundle pages. `ws` uses bufferutil and utf-8-validate only if they are installed.
    // The NATS packages are optional, and they are CommonJS without named exports for a bundle: Node loads them from node_modules.
    external: ["esbuild", "bufferutil", "utf-8-validate", "@nats-io/*"],
    // `ws` is CommonJS and loads Node's modules with `require`.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    metafile: true,
    logLevel: "warning"
  })
  await chmod(join(outdir, "main.js"), 0o755)
  return metafile
}
