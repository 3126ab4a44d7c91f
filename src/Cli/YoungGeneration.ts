/**
 * Keeps V8's young generation small while a server starts, and while it has little to do. V8 doubles it whenever most of what is in it survives, as modules that are
 * loaded do: from 1 to 16 MiB, all of which stay resident in a server that is idle afterwards. The flag may change at any time: V8 reads it
 * when it would grow the generation.
 */
import { setFlagsFromString } from "node:v8"

let isHeld = false

/** From now on the young generation keeps its size. */
export const hold = (): void => {
  if (isHeld) return
  isHeld = true
  setFlagsFromString("--semi-space-growth-factor=1")
}

/** It grows with the load again, by V8's own default, if it was held. */
export const release = (): void => {
  if (isHeld) setFlagsFromString("--semi-space-growth-factor=2")
  isHeld = false
}
