/** The values of `--history`: `64MiB`, `5000steps`, or `off`. */
import * as Kind from "../Text/Kind.ts"
import { parseSize } from "../Text/Size.ts"
import type { RecordingLimits } from "./History/GameHistory.ts"

const off: RecordingLimits = { bytes: 0, steps: 0 }

/** The default: games in a shared log, which outlive the process, are recorded up to 64 MiB; others are not. */
export const fallback = (isShared: boolean): RecordingLimits =>
  isShared ? { bytes: 64 * 2 ** 20, steps: Number.POSITIVE_INFINITY } : off

const read = (text: string): RecordingLimits | undefined => {
  if (text === "off") return off
  const steps = /^([1-9]\d{0,8}) ?steps?$/.exec(text)?.[1]
  if (steps !== undefined) return { bytes: Number.POSITIVE_INFINITY, steps: Number(steps) }
  const bytes = parseSize(text)
  return bytes === undefined || bytes === 0 ? undefined : { bytes, steps: Number.POSITIVE_INFINITY }
}

export const kind: Kind.Kind<RecordingLimits> = Kind.make(
  "SIZE|STEPS",
  "a size such as 64MiB, a number of steps such as 5000steps, or off",
  read,
  ({ bytes, steps }) => (bytes === 0 ? "off" : steps === Number.POSITIVE_INFINITY ? String(bytes) : `${steps}steps`)
)
