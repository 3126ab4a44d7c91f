/** How many connections a process may hold: each socket needs a file descriptor. */
import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Count from "../../Text/Count.ts"

/** Descriptors that the process needs for files, pipes, timers and listeners. */
const RESERVED = 40

/** The process would need more file descriptors than it is allowed. */
export class TooFewFileDescriptors extends Schema.TaggedError<TooFewFileDescriptors>()("TooFewFileDescriptors", {
  /** What needs them, as the beginning of a sentence: `1,024 cells`. */
  purpose: Schema.String,
  needed: Schema.Number,
  allowed: Schema.Number
}) {
  override get message(): string {
    return `${this.purpose} need ${Count.format(this.needed)} file descriptors, and ${Count.format(this.allowed)} are allowed: raise the limit with \`ulimit -n ${this.needed}\`, or ask for less`
  }
}

/** The limit in the text of `/proc/self/limits`; infinity if it names none. */
const parseLimit = (limits: string): number => {
  const limit = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit)
}

/** The number of descriptors that this process may have open; infinity where the system does not tell. */
export const limit: Effect.Effect<number> = Effect.map(
  Effect.promise(() => readFile("/proc/self/limits", "utf8").catch(() => "")),
  parseLimit
)

/** Fails unless this process may open `sockets` sockets beside its own descriptors. `purpose` begins the message. */
export const ensure = (sockets: number, purpose: string): Effect.Effect<void, TooFewFileDescriptors> =>
  Effect.flatMap(limit, (allowed) => {
    const needed = sockets + RESERVED
    return needed <= allowed ? Effect.void : new TooFewFileDescriptors({ purpose, needed, allowed })
  })
