/**
 * Checks types and Effect's own diagnostics (floating effects, missing requirements) with the native TypeScript that has
 * Effect's language service built in. It needs a tenth of the CPU time of `tsc`. `scripts/types` pins it for Linux on x64;
 * elsewhere this is `tsc`, which checks types alone. The arguments are those of `tsc`.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("types", import.meta.url))
const name = "@effect/tsgo-linux-x64"

const versionIn = (file: string): string | undefined =>
  existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined

const native = (): string => {
  const { dependencies } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"))
  const installed = `${folder}/node_modules/${name}`
  if (versionIn(`${installed}/package.json`) !== dependencies[name]) {
    const { error, status, stderr } = spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: folder, encoding: "utf8" })
    if (status !== 0) throw new Error(`npm can't install the native TypeScript (scripts/types): ${stderr || error}`)
  }
  return `${installed}/lib/tsc`
}

const isSupported = process.platform === "linux" && process.arch === "x64"
if (!isSupported) console.error("Effect's diagnostics are checked on Linux on x64 only. Here `tsc` checks the types.")
const { error, status } = spawnSync(isSupported ? native() : "tsc", process.argv.slice(2), { stdio: "inherit" })
if (error !== undefined) console.error(`The check of types does not run: ${error.message}`)
process.exitCode = status ?? 1
