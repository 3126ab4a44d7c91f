/** Bundles the command line for plain Node. */
import { chmod, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { Metafile, Plugin } from "esbuild"
import { build } from "esbuild"

/**
 * Packages that @effect/platform-node imports for functions that this program never calls: WebSockets of its own, responses whose type is found
 * by a file's name, and forms of several parts. They would be a tenth of what `serve` loads. What is called after all fails, and says so.
 */
const unused: Plugin = {
  name: "unused packages",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^(ws|mime|multipasta(\/node)?)$/ }, ({ path }) => ({ path, namespace: "unused" }))
    onLoad({ filter: /.*/, namespace: "unused" }, ({ path }) => ({
      contents: `const missing = () => { throw new Error("${path} is left out of the build: see scripts/commands.ts") }
export class WebSocket { constructor() { missing() } }
export class WebSocketServer { constructor() { missing() } }
export { missing as decodeField, missing as defaultIsFile, missing as make }
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

const serve = resolve("src/Cli/Serve/Start.ts")

/** `main.js` loads the bundle of `serve`, which is built apart. */
const serveApart: Plugin = {
  name: "serve apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/Serve\/Start\.ts$/ }, () => ({ path: "./Cli/chunks/serve.js", external: true }))
}

/** In the bundle of `serve` no other command runs, so only what it needs later is loaded later. */
const onlyServe: Plugin = {
  name: "only serve",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/[A-Z]/ }, ({ importer, kind, path }) => {
      if (kind !== "dynamic-import" || !/Cli[\\/](Cli|Commands)\.ts$/.test(importer)) return undefined
      return path.startsWith("./Serve/") ? { path: serve } : { path, external: true }
    })
}

const bundle = async (entries: Readonly<Record<string, string>>, outdir: string, plugins: ReadonlyArray<Plugin>) => {
  const { metafile } = await build({
    platform: "node",
    target: "node20",
    // Whitespace and names are kept, so that stack traces stay readable.
    minifySyntax: true,
    entryPoints: entries,
    outdir,
    chunkNames: "Cli/chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    // esbuild is used only in development, to bundle pages.
    // The NATS packages are optional, and they are CommonJS without named exports for a bundle: Node loads them from node_modules.
    external: ["esbuild", "@nats-io/*"],
    plugins: [...plugins, unused, noQuestions],
    banner: { js: REQUIRE },
    metafile: true,
    logLevel: "warning"
  })
  return metafile
}

/** Writes `main.js` and a chunk for each `import()`, and the same for `serve` alone. Returns which inputs are in which files. */
export const bundleCommands = async (outdir: string): Promise<ReadonlyArray<Metafile>> => {
  const bundles = await Promise.all([
    bundle({ main: "src/main.ts" }, outdir, [serveApart]),
    bundle({ "Cli/chunks/serve": serve }, outdir, [onlyServe])
  ])
  // The bundles have some chunks in common, each of which is written again once.
  const files = new Set(bundles.flatMap(({ outputs }) => Object.keys(outputs)))
  await Promise.all([...files].map(dropUnusedRequire))
  await chmod(join(outdir, "main.js"), 0o755)
  return bundles
}
