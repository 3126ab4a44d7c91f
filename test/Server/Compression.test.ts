import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { frame, request } from "./RawPeer.ts"
import { dial, serve } from "./ServerRig.ts"

const extensions = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }

const answerOf = (compress: boolean) =>
  Effect.gen(function* () {
    const port = yield* serve({ compress })
    const peer = yield* dial(port)
    peer.send(request("/test/echo/", extensions))
    const head = yield* Effect.promise(() =>
      peer.until(({ received }) => (received.includes("\r\n\r\n") ? received.toString("latin1") : undefined))
    )
    peer.received = Buffer.alloc(0)
    peer.send(frame(1, "x".repeat(5000)))
    const { payload } = yield* Effect.promise(() => peer.frame())
    return [/^Sec-WebSocket-Extensions: (.*)\r$/m.exec(head)?.[1], payload.length] as const
  })

describe("Compression", () => {
  it.scopedLive("Compression is agreed on with clients that offer it, if it is enabled", () =>
    Effect.gen(function* () {
      const [agreed, size] = yield* answerOf(true)
      assert.strictEqual(agreed, "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
      assert.isBelow(size, 100)
    })
  )

  it.scopedLive("Compression is not used unless it is enabled", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* answerOf(false), [undefined, 5000])
    })
  )
})
