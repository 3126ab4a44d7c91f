/** Requests for pages that are not the plain GET of a page: other hosts, methods and bodies. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { dial, serve, upgrade } from "../ServerRig.ts"

interface Answer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends the bytes on a connection of its own, and returns the answers until the server ends it. */
const send = (port: number, text: string) =>
  Effect.flatMap(dial(port), (peer) =>
    Effect.promise(async (): Promise<Answer> => {
      peer.send(text)
      await peer.closed()
      const said = peer.received.toString("latin1")
      const end = said.indexOf("\r\n\r\n")
      return { status: Number(said.slice(9, 12)), head: said.slice(0, end), body: said.slice(end + 4) }
    })
  )

const ask = (port: number, line: string, headers: string) =>
  send(port, `${line} HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`)

describe("a request for a page", () => {
  it.scopedLive(
    "a request for a page is refused if its host is not this server's, except for the checks of health",
    () =>
      Effect.gen(function* () {
        const port = yield* serve({ allowedHosts: ["life.example"] })
        const statusOf = (path: string, host: string) =>
          Effect.map(ask(port, `GET ${path}`, `Host: ${host}\r\n`), ({ status }) => status)
        for (const path of ["/", "/metrics", "/games.json", "/picture.png", "/static/favicon.svg", "/nowhere"]) {
          assert.strictEqual(yield* statusOf(path, "rebound.example"), 421, path)
          assert.strictEqual(yield* statusOf(path, `rebound.example:${port}`), 421, path)
        }
        for (const host of ["localhost", `127.0.0.1:${port}`, "[::1]", "LIFE.example", "life.example:80"])
          assert.strictEqual(yield* statusOf("/games.json", host), 200, host)
        for (const path of ["/healthz", "/readyz"])
          assert.strictEqual(yield* statusOf(path, "a-pod.example"), 200, path)
        const { body } = yield* ask(port, "GET /", "Host: rebound.example\r\n")
        assert.match(body, /"rebound.example".*--allow-host/)
        // A program that opens a WebSocket sends no Origin, and may know the server by any name.
        const { status } = yield* upgrade(port, "/watcher/", { Host: "any.example" })
        assert.strictEqual(status, 101)
      })
  )

  it.scopedLive("a request for a page with another method is answered with those that the path has", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const answerTo = (line: string) => ask(port, line, "Host: localhost\r\nContent-Length: 0\r\n")
      for (const [line, allow] of [
        ["POST /", "GET, HEAD"],
        ["DELETE /metrics", "GET, HEAD"],
        ["PUT /test/http/", "GET, HEAD, POST"],
        ["POST /static/favicon.svg", "GET, HEAD"]
      ] as const) {
        const { head, status } = yield* answerTo(line)
        assert.strictEqual(status, 405, line)
        assert.match(head, new RegExp(`^allow: ${allow}$`, "im"))
      }
      assert.strictEqual((yield* answerTo("POST /nowhere")).status, 404)
      assert.strictEqual((yield* answerTo("POST /worker/")).status, 400)
    })
  )

  it.scopedLive("a request for a page is answered with 304 if the client has any version of it", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const { status } = yield* ask(port, "GET /test/", "Host: localhost\r\nIf-None-Match: *\r\n")
      assert.strictEqual(status, 304)
    })
  )

  it.scopedLive(
    "a request for a page with a body that is too long is answered with 413, with a length and in chunks",
    () =>
      Effect.gen(function* () {
        const port = yield* serve()
        const body = `field=${"x".repeat(100_000)}`
        const post = "POST /test/http/ HTTP/1.1\r\nHost: localhost\r\n"
        const last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        for (const bytes of [
          `${post}Content-Length: ${body.length}\r\n\r\n${body}`,
          `${post}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
        ]) {
          const { body: rest, status } = yield* send(port, bytes + last)
          assert.strictEqual(status, 413)
          assert.match(rest, /at most 64 KiB.*HTTP\/1.1 200 OK.*ok\n$/s)
        }
      })
  )
})
