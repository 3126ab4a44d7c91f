/**
 * The TypeScript compiler that checks and builds this project: a native one that has Effect's own diagnostics built in (floating effects,
 * missing requirements), on the system for which `scripts/types` pins it. It needs a tenth of the CPU time of `tsc`, which is
 * used elsewhere and checks types alone. Their modules are the same; the native one writes the properties of some types in another order.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const native = fileURLToPath(new URL("types/node_modules/@effect/tsgo-linux-x64/lib/tsc", import.meta.url))

export const isNative = existsSync(native)

export const compiler = isNative ? native : fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url))

/** Several checkers would compute most types once each, and the collector of garbage runs less often when it may use more memory: 30 s of CPU in place of 51. */
const options = isNative ? ["--checkers", "1"] : []
const lessGarbageCollection = { GOGC: "400", GOMEMLIMIT: "2500MiB" }

/** Runs it to its end. The arguments are those of `tsc`. */
export const compile = (...args: ReadonlyArray<string>): SpawnSyncReturns<Buffer> =>
  spawnSync(compiler, [...options, ...args], { stdio: "inherit", env: { ...lessGarbageCollection, ...process.env } })
