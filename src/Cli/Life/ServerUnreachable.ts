import * as Schema from "effect/Schema"
import { ConnectError } from "../../WebSocket/Http/ConnectError.ts"

/** The relay server can't be reached. The message also says what the user can do. */
export class ServerUnreachable extends Schema.TaggedError<ServerUnreachable>()("ServerUnreachable", {
  cause: ConnectError
}) {
  override get message(): string {
    return `${this.cause.message}${remedyOf(this.cause)}`
  }
}

const remedyOf = ({ detail, failure, status, url }: ConnectError): string => {
  if (failure === "Tls" && detail.includes("certificate"))
    return "; if you trust the server, give its certificate with --ca"
  if (failure === "Closed" && url.startsWith("ws:")) return "; if the server speaks TLS, give a URL with wss:"
  if (failure === "Refused") return "; `effect-c10k serve` starts a server"
  return status === 401 || status === 403 ? "; give the secret of the server with --token" : ""
}
