/** Members that read slowly: when they get messages again. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { PreparedMessage } from "../../../src/WebSocket/Frames/PreparedMessage.ts"
import { Audience } from "../../../src/WebSocket/Topic/Audience.ts"

/** A member for which more and fewer bytes wait, as the test says. */
const slowMember = () => {
  const got: Array<unknown> = []
  let drain = () => {}
  const drained = Effect.async<void>((resume) => {
    drain = () => resume(Effect.void)
  })
  const member = {
    queued: 0,
    drained,
    offer: () => true,
    offerPrepared: ({ message }: PreparedMessage) => got.push(message) > 0,
    close: () => Effect.void
  }
  return { got, member, drain: () => drain() }
}

describe("a member for which too many bytes wait", () => {
  for (const [slow, caughtUp] of [
    ["drop", ["1", "4"]],
    ["newest", ["1", "3", "4"]]
  ] as const)
    it(`a member for which too many bytes wait gets no message with \`${slow}\` until it has read all that wait, however few these become`, () => {
      const audience = new Audience(
        { slow, maxQueued: 1000 },
        (effect) => void Effect.runFork(effect),
        () => {}
      )
      const { drain, got, member } = slowMember()
      audience.join("key", "id", member, [])
      audience.deliver("key", "1")
      member.queued = 1001
      audience.deliver("key", "2")
      // Some have been read, and some still wait.
      member.queued = 500
      audience.deliver("key", "3")
      assert.deepStrictEqual(got, ["1"])
      member.queued = 0
      drain()
      return Promise.resolve().then(() => {
        audience.deliver("key", "4")
        assert.deepStrictEqual(got, [...caughtUp])
      })
    })
})
