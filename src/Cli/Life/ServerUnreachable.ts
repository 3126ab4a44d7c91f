import * as Schema from "effect/Schema"
import { ConnectError } from "../../WebSocket/Http/ConnectError.ts"

/** No connection to the relay server, with what to do about it. */
export class ServerUnreachable extends Schema.TaggedError<ServerUnreachable>()("ServerUnreachable", {
  cause: ConnectError
}) {
  override get message(): string {
    return `${this.cause.message}${remedyOf(this.cause)}`
  }
}

const remedyOf = ({ detail, failure, status, url }: ConnectError): string => {
  if (failure === "Tls" && detail.includes("certificate"))
    return "; if you trust the server, give its certificate as --ca"
  if (failure === "Closed" && url.startsWith("ws:")) return "; if it speaks TLS, give a url with wss:"
  if (failure === "Refused") return "; `effect-c10k serve` starts a server"
  return status === 401 || status === 403 ? "; give what the server was started with as --token" : ""
}
