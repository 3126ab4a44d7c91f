import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { serve } from "../Rig.ts"

describe("WebSocketServer", () => {
  it.scopedLive(
    "WebSocketServer answers 500 if a page dies, and logs the cause with the request, without the token of its query",
    () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const logger = Logger.make(({ annotations, cause, message }) => {
          const notes = JSON.stringify(
            Object.fromEntries(HashMap.toEntries(annotations).sort(([a], [b]) => (a < b ? 1 : -1)))
          )
          lines.push(`${message} ${notes} ${Cause.pretty(cause).split("\n", 1)[0]}`)
        })
        const pages = Effect.dieMessage("no template")
        const status = yield* Effect.gen(function* () {
          const { port } = yield* serve(Layer.empty, { pages })
          const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/about?token=s3cret`))
          return response.status
        }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
        assert.strictEqual(status, 500)
        assert.deepStrictEqual(lines, ['A page failed {"path":"/about","method":"GET"} RuntimeException: no template'])
      })
  )

  it.scopedLive("WebSocketServer names an option that is out of its range", () =>
    Effect.gen(function* () {
      const cause = yield* serve(Layer.empty, { port: 70_000 }).pipe(Effect.sandbox, Effect.flip)
      assert.include(
        Cause.pretty(cause),
        "a WebSocket server can't listen: the option port is 70000: expected a whole number from 0 to 65535; 0 is any free port"
      )
    })
  )
})
