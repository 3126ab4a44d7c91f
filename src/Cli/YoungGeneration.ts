/**
 * Keeps V8's young generation small while a server starts and while it has little to do. V8 doubles the young generation, from
 * 1 up to 16 MiB, whenever most of its objects survive. Modules survive, so loading them would make it grow, and the memory
 * would stay resident in an idle server. The flag may change at any time: V8 reads it each time before it grows the generation.
 */
import { setFlagsFromString } from "node:v8"

/** From now on the young generation keeps its size. */
export const pin = (): void => setFlagsFromString("--semi-space-growth-factor=1")

/** The young generation grows by V8's default factor. */
export const unpin = (): void => setFlagsFromString("--semi-space-growth-factor=2")
