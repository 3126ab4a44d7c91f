/** One log line for each refused or closed connection, a few in a second, so that a flood does not fill a disk. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Count from "../../Text/Count.ts"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import * as LineLimit from "./LineLimit.ts"

type Fields = Readonly<Record<string, string | number | undefined>>

export class ConnectionLog extends Context.Tag("effect-c10k/Server/ConnectionLog")<
  ConnectionLog,
  {
    readonly unsafeRefused: (fields: Fields) => void
    readonly unsafeClosed: (fields: Fields & { readonly code: number }) => void
    /** The server stops, and closes this many connections. */
    readonly unsafeStopping: (count: number) => void
  }
>() {
  /** Writes at most `lines` lines in a second, 10 unless given, and at its end how many it left out. */
  static readonly layer = (lines = 10): Layer.Layer<ConnectionLog> => Layer.scoped(ConnectionLog, make(lines))
}

const make = Effect.fnUntraced(function* (lines: number) {
  const run = Runtime.runSync(yield* Effect.runtime())
  const mayWrite = yield* LineLimit.make(lines, (count) =>
    run(Effect.logWarning(`${count} more connections were refused or closed in a second`))
  )
  const log = (write: Effect.Effect<void>, fields: Fields) => {
    if (mayWrite()) run(Effect.annotateLogs(write, fields))
  }

  return ConnectionLog.of({
    unsafeRefused: (fields) => log(Effect.logWarning("Connection refused"), fields),
    unsafeStopping: (count) => {
      if (count > 0) run(Effect.logInfo(`Closing ${Count.format(count)} ${count === 1 ? "connection" : "connections"}`))
    },
    unsafeClosed: (fields) => {
      // A conversation that ended normally is not worth a line.
      if (fields.code === CloseCode.Normal) run(Effect.annotateLogs(Effect.logDebug("Connection closed"), fields))
      else log(Effect.logInfo("Connection closed"), fields)
    }
  })
})
