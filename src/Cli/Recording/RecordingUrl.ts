/** Reads a recording from a server. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import * as ConversationClient from "../../WebSocket/Api/ConversationClient.ts"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import { ServerUnreachable } from "../Life/ServerUnreachable.ts"
import * as PemFiles from "../PemFiles.ts"
import * as ServerAddress from "../ServerAddress.ts"
import { UserError } from "../UserError.ts"

/** Whether a text is the URL of a server and not a file. */
export const isUrl = (text: string): boolean => /^wss?:/.test(text)

const none = (url: string) =>
  UserError.of(`${url} keeps no recordings: start the server with --history, such as --history 64MiB`)

/** The bytes of a recording as they come. Fails if the connection breaks. `trusted` is the file of `--ca`. */
export const bytes = (text: string, untilNow: boolean, trusted: Option.Option<string>) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const base = yield* ServerAddress.parse(text)
      const url = WebSocketUrl.under(base, untilNow ? "history/?until=now" : "history/")
      const ca = yield* PemFiles.readAuthorities(base, trusted)
      const talk = yield* ConversationClient.connect({ url, ...(ca === undefined ? {} : { ca }) }).pipe(
        Effect.mapError((cause) => (cause.status === 404 ? none(text) : new ServerUnreachable({ cause })))
      )
      const ended = Effect.flatMap(talk.closed, ({ code, reason }) =>
        code === CloseCode.Normal
          ? Effect.void
          : UserError.of(
              `the recording is incomplete: ${text} closed the connection (${code}${reason && `: ${reason}`})`
            )
      )
      return Stream.concat(
        Stream.filter(talk.messages, (message) => typeof message !== "string"),
        Stream.drain(Stream.fromEffect(ended))
      )
    })
  )
