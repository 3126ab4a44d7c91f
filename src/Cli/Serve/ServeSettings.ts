/**
 * Apart from `ServeHandler`, because a default that is computed is added here. Makes the server's settings from its options,
 * or fails with a `UserError` that says what is wrong with them.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as HistoryKind from "../../Server/HistoryKind.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import * as MemoryBudget from "../../WebSocket/Connection/MemoryBudget.ts"
import type { Certificate } from "../../WebSocket/Http/Listeners.ts"
import * as OptionFile from "../OptionFile.ts"
import * as PemFiles from "../PemFiles.ts"
import { UserError } from "../UserError.ts"
import * as ServeLogs from "./ServeLogs.ts"
import type { ServeOptions } from "./ServeOptions.ts"
import * as TokenOptions from "./TokenOptions.ts"

const certificateOf = Effect.fnUntraced(function* ({ tlsCert, tlsKey }: ServeOptions) {
  if (Option.isNone(tlsCert) && Option.isNone(tlsKey)) return undefined
  if (Option.isNone(tlsCert)) return yield* UserError.of("--tls-key needs --tls-cert: give both")
  if (Option.isNone(tlsKey)) return yield* UserError.of("--tls-cert needs --tls-key: give both")
  const certificate: Certificate = {
    cert: yield* OptionFile.read("tls-cert", tlsCert.value),
    key: yield* OptionFile.read("tls-key", tlsKey.value)
  }
  yield* PemFiles.check("--tls-cert and --tls-key", certificate)
  return certificate
})

/** The memory budget in bytes. It holds two of the largest messages: `/test/echo/` keeps one while it comes and another while its echo leaves. */
const memoryOf = ({ maxMemory, maxMessage }: ServeOptions) => {
  if (Option.isNone(maxMemory)) return Effect.succeed(Math.max(MemoryBudget.ofMachine(), 2 * maxMessage))
  return maxMemory.value >= 2 * maxMessage
    ? Effect.succeed(maxMemory.value)
    : UserError.of(
        `--max-memory ${maxMemory.value}: expected at least ${2 * maxMessage} bytes, twice --max-message; or lower --max-message`
      )
}

export const settingsOf = Effect.fn("ServeSettings.settingsOf")(function* (options: ServeOptions) {
  const settings: ServerSettings = {
    ...options,
    reusePort: false,
    ownPort: undefined,
    certificate: yield* certificateOf(options),
    tokens: yield* TokenOptions.tokensOf(options),
    maxSockets: Infinity,
    maxMemory: yield* memoryOf(options),
    history: Option.getOrElse(options.history, () => HistoryKind.fallback(Option.isSome(options.nats))),
    node: ServeLogs.nodeOf(options)
  }
  return settings
})
