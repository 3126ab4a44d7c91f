import * as Effect from "effect/Effect"
import * as WebSocketDialer from "../../src/Echo/WebSocketDialer.ts"
import { suite } from "./conformance.ts"
import * as WsServer from "./WsServer.ts"

suite("sockets", (behaviour) =>
  Effect.map(WsServer.serve(behaviour), ({ url }) => ({ dialer: WebSocketDialer.layer, url })))
