/**
 * Checks types and Effect's own diagnostics (floating effects, missing requirements) with the native TypeScript that has
 * Effect's language service built in. It needs a tenth of the CPU time of `tsc`. The arguments are those of `tsc`.
 */
import { spawnSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

// A package of its own for each platform, which is found beside the package that depends on it.
const require = createRequire(import.meta.url)
const launcher = require.resolve("@effect/tsgo/package.json")
const binary = createRequire(launcher).resolve(`@effect/tsgo-${process.platform}-${process.arch}/package.json`)
const program = join(dirname(binary), "lib", process.platform === "win32" ? "tsc.exe" : "tsc")
const { error, status } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" })
if (error !== undefined) console.error(`The native TypeScript does not run: ${error.message}`)
process.exitCode = status ?? 1
