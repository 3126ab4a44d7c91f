/** Bundles the command line for plain Node. */
import { chmod } from "node:fs/promises"
import { join } from "node:path"
import type { Metafile } from "esbuild"
import { build } from "esbuild"

/** Writes `main.js` and its chunks, and gives what esbuild put into which file. */
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
    // esbuild bundles pages in development only; the next two are what `ws` uses when they happen to be there.
    // The packages of NATS are optional, and CommonJS without names that a bundle could import: Node loads them where they are.
    external: ["esbuild", "bufferutil", "utf-8-validate", "@nats-io/*"],
    // `ws` is CommonJS, and asks for Node's modules by `require`.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    metafile: true,
    logLevel: "warning"
  })
  await chmod(join(outdir, "main.js"), 0o755)
  return metafile
}
