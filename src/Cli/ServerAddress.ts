/** Reads the address of the relay server from `--url`. */
import * as Either from "effect/Either"
import * as WebSocketUrl from "../Text/WebSocketUrl.ts"
import { UserError } from "./UserError.ts"

/** The base URL of the server. The paths `worker/` and so on are under it. */
export const parse = (text: string): Either.Either<URL, UserError> =>
  Either.fromNullable(WebSocketUrl.parse(text), () => UserError.of(`--url ${text}: ${WebSocketUrl.expected(text)}`))
