/** Checks types, and Effect's own diagnostics where the native compiler runs. The arguments are those of `tsc`. */
import { compile, isNative } from "./compiler.ts"

if (!isNative) console.error("Effect's diagnostics are checked on Linux on x64 only. Here `tsc` checks the types.")
const { error, status } = compile(...process.argv.slice(2))
if (error !== undefined) console.error(`The check of types does not run: ${error.message}`)
process.exitCode = status ?? 1
