/** The address of the relay server, as `--url` gives it. */
import * as Either from "effect/Either"
import * as WebSocketUrl from "../Text/WebSocketUrl.ts"
import { UserError } from "./UserError.ts"

/** The base of the server's paths; `/worker/` and the others are under it. */
export const parse = (text: string): Either.Either<URL, UserError> => {
  const url = WebSocketUrl.parse(text)
  if (url === undefined) {
    return Either.left(
      new UserError({
        message: `--url ${text}: expected a WebSocket url, such as ws://localhost:8000, with a port up to 65535`
      })
    )
  }
  return Either.right(url)
}
