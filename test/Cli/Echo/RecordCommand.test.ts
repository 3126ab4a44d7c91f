import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { WebSocket } from "ws"
import type * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { freePort } from "../../freePort.ts"
import { echo, folder, recording } from "./command.ts"

/** A server that greets, answers texts with text and bytes with bytes, and closes after "quit". */
const server: Peer.Behaviour = (peer) => {
  peer.send("Hello!")
  peer.onMessage = (message) => {
    if (message === "quit") peer.close(4000, "as you wish")
    else peer.send(message)
  }
}

/** Sends each message after an answer. Returns all messages of the server until the close. */
const talk = (url: string, messages: ReadonlyArray<string | Buffer>, end?: number) =>
  Effect.async<ReadonlyArray<string>>((resume) => {
    const socket = new WebSocket(url, ["v2", "v1"], { headers: { "x-user": "{{ann}}" } })
    const said = [...messages]
    const heard: Array<string> = []
    socket.on("message", (data: Buffer, isBinary) => {
      heard.push(isBinary ? data.toString("hex") : data.toString())
      const next = said.shift()
      if (next !== undefined) socket.send(next)
      else if (end !== undefined) socket.close(end, "bye")
    })
    socket.on("close", (code) => resume(Effect.succeed([...heard, String(code)])))
    socket.on("error", (error) => resume(Effect.succeed([error.message])))
  })

describe("echo record", () => {
  it.scopedLive("echo record writes a scenario for each connection, which repeats the conversation", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(server)
      const output = join(yield* folder, "chat.yaml")
      const { ended, kill, url: proxy } = yield* recording(url, output)
      const first = yield* talk(proxy, ["a {{b}}", '{"type":"{{x}}"}', Buffer.from([0, 255])], 4001)
      assert.deepStrictEqual(first, ["Hello!", "a {{b}}", '{"type":"{{x}}"}', "00ff", "4001"])
      assert.deepStrictEqual(yield* talk(proxy, ["quit"]), ["Hello!", "4000"])
      kill("SIGINT")
      const { status, stderr } = yield* ended
      assert.match(stderr, /connection 1: ended after \d+ steps\n[\s\S]*\n2 connections were recorded\. /, stderr)
      assert.strictEqual(status, 0)
      const text = readFileSync(output, "utf8")
      assert.match(
        text,
        /headers:\n {4}x-user: "\{\{'\{\{'\}\}ann\}\}"\n {2}subprotocols:\n {4}- v2\n {4}- v1\nsteps:\n/
      )
      for (const file of [output, output.replace(".yaml", "-2.yaml")]) {
        const again = yield* echo(["--scenario", file, "--clients", "2"])
        assert.match(again.stdout, /^2 of 2 conversations right/, again.stdout)
        assert.strictEqual(again.status, 0)
      }
    })
  )

  it.scopedLive("echo record has all messages when it is killed", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(server)
      const output = join(yield* folder, "chat.yaml")
      const { ended, kill, url: proxy } = yield* recording(url, output)
      const talking = yield* Effect.fork(talk(proxy, ["one", "two", "three"]))
      const hasAll = Effect.sync(() => readFileSync(output, "utf8").endsWith("  - expect: three\n"))
      yield* Effect.repeat(Effect.delay(hasAll, "10 millis"), { until: (found) => found })
      kill("SIGKILL")
      assert.strictEqual((yield* ended).status, null)
      // The last message may be only in the file, because it is written before it is passed on.
      assert.deepStrictEqual((yield* Fiber.join(talking)).slice(0, 3), ["Hello!", "one", "two"])
      const again = yield* echo(["--scenario", output, "--clients", "1"])
      assert.match(again.stdout, /^1 of 1 conversations right/)
    })
  )

  it.scopedLive("echo record reports a missing server, and ends with 1 if nothing was recorded", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const output = join(yield* folder, "chat.yaml")
      const { ended, kill, url: proxy } = yield* recording(`ws://127.0.0.1:${port}/`, output)
      assert.deepStrictEqual(yield* talk(proxy, []), ["Unexpected server response: 502"])
      kill("SIGTERM")
      const { status, stderr } = yield* ended
      assert.match(
        stderr,
        new RegExp(`127\\.0\\.0\\.1:${port}.*\\n[\\s\\S]*no client connected: nothing was recorded\\n$`)
      )
      assert.strictEqual(status, 1)
    })
  )

  it.scopedLive("echo record refuses wrong options before a client connects", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const { url } = yield* WsServer.serve(server)
      const refused = (...args: ReadonlyArray<string>) =>
        Effect.map(echo(["record", ...args]), ({ status, stderr }) => {
          assert.strictEqual(status, 1)
          return stderr
        })
      assert.match(yield* refused("http://localhost/", "-o", join(path, "a")), /expected a WebSocket URL/)
      assert.match(
        yield* refused(url, "-o", join(path, "none", "a")),
        /--output .*none\/a: it cannot be written: its folder does not exist; create it/
      )
      const taken = yield* refused(url, "-o", join(path, "a"), "--listen", new URL(url).port)
      assert.match(taken, /--listen \d+: .*in use/)
      assert.match(
        yield* refused(url, "-o", join(path, "a"), "--listen", "x"),
        /--listen x: expected a port, or HOST:PORT/
      )
    })
  )
})
