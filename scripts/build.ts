/**
 * Builds `dist/`, which plain Node runs:
 *
 * - `main.js` and `Cli/chunks/`: the CLI, bundled with its dependencies. Each command is a chunk that is loaded
 *   when it is used; `serve` is a bundle of its own.
 * - `index.js` and a folder for each part: the modules that other programs import, with their types.
 * - `help.json`: the texts that `--help` shows.
 * - `static/`: the pages, each with its bundled script.
 * - `LICENCES.txt`: the licences of the packages in the bundles.
 *
 * Some code finds a folder relative to its own `import.meta.url`. This works in all builds because `dist/Cli/chunks`,
 * `dist/Server/Pages` and `src/Server/Pages` are equally deep in the package.
 */
import { rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { allPages } from "../src/Cli/Help/CommandHelp.ts"
import { bundleCommands } from "./commands.ts"
import { compile } from "./compiler.ts"
import { writeLicences } from "./licences.ts"
import { buildPages } from "./pages.ts"

process.chdir(fileURLToPath(new URL("../", import.meta.url)))

const buildModules = () => {
  // All is written, whatever an earlier build has left: the folder is empty now.
  const { error, status } = compile("--project", "tsconfig.build.json", "--incremental", "false")
  if (error !== undefined) console.error(`The compiler does not run: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

await rm("dist", { recursive: true, force: true })
buildModules()
const [bundles, pages] = await Promise.all([bundleCommands("dist"), buildPages("static", "dist/static")])
await writeFile("dist/help.json", JSON.stringify(await allPages()))
await writeLicences([...bundles, pages], "dist/LICENCES.txt")
