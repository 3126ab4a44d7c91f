/**
 * Logs over an engine that several processes share. Apart from `JetStreamLogs`, so that the same promises are tested over an
 * engine in memory that has every fault (`test/Log/FaultyEngine.ts`).
 */
import * as Effect from "effect/Effect"
import { given } from "../Given.ts"
import { messageOf } from "../Text/Thrown.ts"
import { GuardedReader } from "./GuardedReader.ts"
import { type Log, Logs, type OpenOptions } from "./Log.ts"
import type { LogEngine } from "./LogEngine.ts"
import { LogError } from "./LogError.ts"
import { unframe } from "./LogFrame.ts"
import { checkNames } from "./LogNames.ts"
import { SharedLog } from "./SharedLog.ts"
import { defaults, type SharedLogOptions } from "./SharedLogOptions.ts"
import { WriterSequences } from "./WriterSequences.ts"

const failed = (error: unknown) =>
  new LogError({ reason: "Failed", detail: `the log can't be read: ${messageOf(error)}` })

export const make = (engine: LogEngine, options?: Partial<SharedLogOptions>): Logs["Type"] => {
  const open = <A>(name: string, { codec, key, reader }: OpenOptions<A>) =>
    Effect.gen(function* () {
      yield* checkNames(name, key)
      const opened = yield* engine.open(name, key)
      const guarded = yield* GuardedReader.make(name, codec, reader)
      const log = yield* Effect.acquireRelease(
        Effect.sync(() => new SharedLog(name, opened, codec, guarded, { ...defaults, ...given(options) })),
        (log) => Effect.sync(() => log.close())
      )
      yield* Effect.tryPromise({ try: () => log.begin(), catch: failed })
      return log as Log<A>
    })
  return Logs.of({
    isShared: true,
    open,
    names: engine.names,
    remove: engine.remove,
    scan: (name, codec, from, each, key) => {
      const sequences = new WriterSequences([], true)
      return engine.scan(name, key, from, (bytes, position) => {
        const framed = unframe(bytes)
        if (framed === undefined || framed.notice !== undefined || !sequences.take(framed.writer, framed.number))
          return true
        const entry = codec.decode(framed.payload)
        return entry === undefined || each(entry, position)
      })
    }
  })
}
