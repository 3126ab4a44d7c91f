import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Agent from "../../../Echo/Agents/Agent.ts"
import { Machine } from "../../../Echo/Load/Machine.ts"
import * as WebSocketDialer from "../../../Echo/Load/WebSocketDialer.ts"
import { about } from "../../About.ts"
import * as Output from "../../Output.ts"
import { localAddressesOf } from "../EchoConnect.ts"
import type { AgentOptions } from "./AgentOptions.ts"
import * as EchoNats from "./EchoNats.ts"

export const run = Effect.fn("agent")(
  function* (options: AgentOptions) {
    const { join, name: given, natsCreds } = options
    const localAddresses = yield* localAddressesOf(options)
    const name = Option.getOrElse(given, () => `${hostname()}-${process.pid}`)
    const connection = yield* EchoNats.connect("--join", join, natsCreds, `echo agent ${name}`)
    const output = yield* Output.Output
    yield* Output.note(`agent ${name} is waiting for runs at ${join}`)
    return yield* Agent.run({
      ...{ connection, name, localAddresses, id: randomUUID(), version: about.version },
      note: (line) => Effect.sync(() => output.notes.unsafeWrite(`${line}\n`))
    })
  },
  Effect.scoped,
  Effect.provide([WebSocketDialer.layer, Machine.layer])
)
