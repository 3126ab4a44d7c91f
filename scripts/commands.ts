/** Bundles the command line for plain Node. */
import { chmod, readFile, writeFile } from "node:fs/promises"
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

/**
 * The questions of @effect/cli, which a terminal would show in place of a missing argument: no command asks any. They would be 59 kB of what
 * each command loads.
 */
const noQuestions: Plugin = {
  name: "no questions",
  setup: ({ onLoad }) => {
    onLoad({ filter: /@effect[\\/]cli[\\/]dist[\\/]esm[\\/]internal[\\/]prompt[\\/].*\.js$/ }, async ({ path }) => {
      const names = [...(await readFile(path, "utf8")).matchAll(/^export (?:const|function) (\w+)/gm)]
      const missing =
        'const missing = () => { throw new Error("questions are left out of the build: see scripts/commands.ts") }'
      return { contents: [missing, ...names.map(([, name]) => `export { missing as ${name} }`)].join("\n") }
    })
  }
}

/** Packages that are CommonJS load Node's modules with `require`. */
const REQUIRE = 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);'

/** To make a `require` takes time, so only the files that use it keep it. */
const dropUnusedRequire = async (file: string): Promise<void> => {
  const text = await readFile(file, "utf8")
  const rest = text.replace(`${REQUIRE}\n`, "")
  if (!/\brequire\b/.test(rest)) await writeFile(file, rest)
}

/** Writes `main.js` and a chunk for each `import()`. Returns which input is in which file. */
export const bundleCommands = async (outdir: string): Promise<Metafile> => {
  const { metafile } = await build({
    platform: "node",
    target: "node20",
    // Whitespace and names are kept, so that stack traces stay readable.
    minifySyntax: true,
    entryPoints: { main: "src/main.ts" },
    outdir,
    chunkNames: "Cli/chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    // esbuild is used only in development, to bundle pages.
    // The NATS packages are optional, and they are CommonJS without named exports for a bundle: Node loads them from node_modules.
    external: ["esbuild", "@nats-io/*"],
    plugins: [unused, noQuestions],
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: "warning"
  })
  await Promise.all(Object.keys(metafile.outputs).map(dropUnusedRequire))
  await chmod(join(outdir, "main.js"), 0o755)
  return metafile
}
