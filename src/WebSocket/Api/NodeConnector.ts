/** Connections over this package's own core, for clients on Node. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { given } from "../../Given.ts"
import { Connector } from "../Client/Connector.ts"
import { Reactor } from "../Connection/Reactor.ts"
import type { ConnectOptions } from "../Http/Client.ts"
import * as ConversationClient from "./ConversationClient.ts"

/** `common` are options for all connections: headers, certificates, the local address. */
export const layer = (common: Omit<ConnectOptions, "url"> = {}): Layer.Layer<Connector, never, Reactor> =>
  Layer.effect(
    Connector,
    Effect.map(Reactor, (reactor) =>
      Connector.of({
        connect: (options, codec) =>
          Effect.provideService(
            ConversationClient.connectWith({ ...common, ...given(options) }, codec),
            Reactor,
            reactor
          )
      })
    )
  )
