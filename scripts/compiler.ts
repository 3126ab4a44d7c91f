/**
 * The TypeScript compiler that checks this project: a native one that has Effect's own diagnostics built in (floating effects,
 * missing requirements), on the system for which `scripts/types` pins it. It needs a tenth of the CPU time of `tsc`, which is
 * used elsewhere and checks types alone.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const native = fileURLToPath(new URL("types/node_modules/@effect/tsgo-linux-x64/lib/tsc", import.meta.url))

export const isNative = existsSync(native)

export const compiler = isNative ? native : fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url))
