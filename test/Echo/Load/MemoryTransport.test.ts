import * as Effect from "effect/Effect"
import { suite } from "./conformance.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

suite("memory", (behaviour) =>
  Effect.succeed({ dialer: MemoryDialer.layer(behaviour), url: "ws://localhost/test/ws/" }))
