/**
 * Builds `dist/`, which plain Node runs:
 *
 * - `main.js` and `Cli/chunks/`: the CLI, bundled with what it needs. Its commands are chunks, loaded when they are used.
 * - `index.js` and a folder for each part: the modules that other programs import, with their types.
 * - `help.json`: what `--help` shows.
 * - `static/`: the pages, each with its script bundled.
 * - `LICENCES.txt`: those of the packages that the bundles hold.
 *
 * Code that finds a folder by `import.meta.url` finds it in all of them: `dist/Cli/chunks`, `dist/Server/Pages` and
 * `src/Server/Pages` have the same depth under the package.
 */
import { spawnSync } from "node:child_process"
import { rm, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { allPages } from "../src/Cli/Help/CommandHelp.ts"
import { bundleCommands } from "./commands.ts"
import { writeLicences } from "./licences.ts"
import { buildPages } from "./pages.ts"
import { checkStartUp } from "./startup.ts"

process.chdir(fileURLToPath(new URL("../", import.meta.url)))

const buildModules = () => {
  const { status } = spawnSync("tsc", ["--project", "tsconfig.build.json"], { stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}

await rm("dist", { recursive: true, force: true })
buildModules()
const [cli, pages] = await Promise.all([bundleCommands("dist"), buildPages("static", "dist/static")])
await writeFile("dist/help.json", JSON.stringify(await allPages()))
await writeLicences([cli, pages], "dist/LICENCES.txt")
console.error(`dist: the command line loads ${Math.round(checkStartUp(cli, "dist/main.js") / 1000)} kB when it starts`)
