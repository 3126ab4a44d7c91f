import { assert, describe, it } from "@effect/vitest"
import * as WebSocketUrl from "../../src/Text/WebSocketUrl.ts"

describe("a text that is no WebSocket URL", () => {
  it.each([
    ["localhost:9000", "ws://localhost:9000"],
    ["localhost", "ws://localhost"],
    ["example.com/chat", "ws://example.com/chat"],
    ["[::1]:8000", "ws://[::1]:8000"],
    ["http://localhost:9000/test/", "ws://localhost:9000/test/"],
    ["https://example.com", "wss://example.com"]
  ])("%s is refused with the URL that was meant", (text, meant) => {
    assert.isUndefined(WebSocketUrl.parse(text))
    assert.strictEqual(WebSocketUrl.expected(text), `expected a WebSocket URL; did you mean ${meant}?`)
  })

  it.each(["", "my server", "ftp://example.com", "ws://localhost:99999", "http://localhost:99999", "word"])(
    "%s is refused with an example",
    (text) => {
      assert.isUndefined(WebSocketUrl.parse(text))
      assert.match(WebSocketUrl.expected(text), /^expected a WebSocket URL, such as ws:\/\/localhost:8000, with a port/)
    }
  )
})
