/** The connection to NATS of the leader and the agents of a run. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as NatsConnection from "../../../Log/NatsConnection.ts"
import * as NatsServers from "../../NatsServers.ts"
import { UserError } from "../../UserError.ts"

/** `option` is the option that named the servers, for errors. */
export const connect = Effect.fn("EchoNats.connect")(function* (
  option: string,
  servers: string,
  credentials: Option.Option<string>,
  name: string
) {
  return yield* NatsConnection.connect({
    ...(yield* NatsServers.serversOf(option, servers)),
    credentials: Option.isNone(credentials) ? undefined : yield* NatsServers.credentialsOf(credentials.value),
    name
  }).pipe(Effect.catchTag("LogError", ({ message }) => UserError.of(`${option}: ${message}`)))
})
