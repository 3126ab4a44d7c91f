import * as Effect from "effect/Effect"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as WsServer from "../WsServer.ts"
import { suite } from "./conformance.ts"

suite("sockets", (behaviour) =>
  Effect.map(WsServer.serve(behaviour), ({ url }) => ({ dialer: WebSocketDialer.layer, url })))
