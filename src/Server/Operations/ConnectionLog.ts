/** One log line for each connection that is refused or that the server closes; a few a second, so that no flood fills a disk. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"

type Fields = Readonly<Record<string, string | number | undefined>>

export class ConnectionLog extends Context.Tag("effect-c10k/Server/ConnectionLog")<
  ConnectionLog,
  {
    readonly unsafeRefused: (fields: Fields) => void
    readonly unsafeClosed: (fields: Fields & { readonly code: number }) => void
  }
>() {
  /** Writes at most `lines` a second; how many were left out is told when the second is over. */
  static readonly layer = (lines = 10): Layer.Layer<ConnectionLog> => Layer.scoped(ConnectionLog, make(lines))
}

const make = Effect.fnUntraced(function* (lines: number) {
  const run = Runtime.runSync(yield* Effect.runtime())
  let written = 0
  let omitted = 0
  let second: NodeJS.Timeout | undefined

  const over = () => {
    const more = omitted
    written = omitted = 0
    second = undefined
    if (more > 0) run(Effect.logWarning(`${more} more connections were refused or closed in a second`))
  }
  const log = (write: Effect.Effect<void>, fields: Fields) => {
    second ??= setTimeout(over, 1000).unref()
    if (written++ >= lines) omitted++
    else run(Effect.annotateLogs(write, fields))
  }
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      clearTimeout(second)
      over()
    })
  )

  return ConnectionLog.of({
    unsafeRefused: (fields) => log(Effect.logWarning("Connection refused"), fields),
    unsafeClosed: (fields) => {
      // That a conversation is over is no event.
      if (fields.code === CloseCode.Normal) run(Effect.annotateLogs(Effect.logDebug("Connection closed"), fields))
      else log(Effect.logInfo("Connection closed"), fields)
    }
  })
})
