/** HTTP requests before and during the WebSocket, to a server of Node with a WebSocket of `ws`. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

const CLIENTS = 5

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Sends without end while the client reads. */
const endless = (response: ServerResponse): void => {
  const chunk = Buffer.alloc(1024 * 1024)
  const more = () => {
    while (response.write(chunk));
  }
  response.on("drain", more)
  more()
}

/** A server with a login over HTTP, whose WebSocket requires the token and the cookie of the login. Returns what it received, and its connections. */
const loginServer = Effect.gen(function* () {
  const seen: Array<string> = []
  const connections = { http: 0 }
  const http = createServer((request, response) => {
    void textOf(request).then((body) => {
      const type = request.headers["content-type"]
      seen.push(`${request.method} ${request.url} ${type ?? "-"} ${body} ${request.headers.cookie ?? "-"}`)
      if (request.url === "/slow") return
      if (request.url === "/endless") return endless(response)
      if (request.url === "/bad") return response.writeHead(503).end("out of order")
      response.setHeader("set-cookie", ["session=s1; Path=/; HttpOnly", "gone=1; Max-Age=0"])
      response.setHeader("x-id", "42")
      return response.end(JSON.stringify({ token: `t-${body.length}` }))
    })
  })
  http.on("connection", () => connections.http++)
  const wss = new WebSocketServer({ noServer: true })
  http.on("upgrade", (request: IncomingMessage, socket, head) => {
    seen.push(`UPGRADE ${request.headers.authorization} ${request.headers.cookie}`)
    wss.handleUpgrade(request, socket, head, (ws) => {
      ws.on("message", (data: Buffer) => ws.send(data.toString()))
    })
  })
  const { port } = yield* WsServer.listen(http)
  return { port, seen, connections }
})

const load = (text: string, changes: Partial<LoadPlan> = {}) =>
  Effect.gen(function* () {
    const scenario = yield* ScenarioFile.parse("s.yaml", text)
    const urls: LoadPlan["urls"] = [scenario.connect.url ?? ""]
    const run = yield* LocalRun.make(plan(0, { scenario, urls, clients: CLIENTS, ramp: { _tag: "Once" }, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

describe("http steps", () => {
  it.scopedLive("log in before the WebSocket opens, and pass on captured values and cookies", () =>
    Effect.gen(function* () {
      const { connections, port, seen } = yield* loginServer
      const report = yield* load(`
connect:
  url: "ws://127.0.0.1:${port}/"
  headers: {authorization: "Bearer {{token}}"}
  cookies: {theme: dark}
variables: {user: "u{{client}}"}
steps:
  - http: {url: "http://127.0.0.1:${port}/login", json: {user: "{{user}}", n: "{{client | number}}"}, status: 200, capture: {token: $.token, id: {header: X-Id}}}
    name: login
  - set: {greeting: "{{id}} {{token}}"}
  - send: "{{greeting}}"
  - expect: "42 t-19"
    name: hello
  - http: {method: PUT, url: "http://127.0.0.1:${port}/form?a=1", form: {a: "x y", b: "{{client}}"}, status: [200, 204]}
  - send: again
  - expect: again
`)
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, CLIENTS)
      const first = seen.filter((line) => line.startsWith("POST"))
      assert.strictEqual(first[0]?.replace(/u\d|"n":\d/g, "#"), 'POST /login application/json {"user":"#",#} -')
      assert.isTrue(seen.includes("UPGRADE Bearer t-19 session=s1; theme=dark"))
      const form = seen.find((line) => line.startsWith("PUT"))
      assert.match(form ?? "", /^PUT \/form\?a=1 application\/x-www-form-urlencoded a=x\+y&b=\d session=s1$/)
      // The second requests reuse the connections of the first ones.
      assert.isAtMost(connections.http, 2 * CLIENTS)
      const { counts, times } = report.named
      assert.deepStrictEqual(
        [times["http"]?.count, times["step.login"]?.count, times["step.hello"]?.count, counts["http.2xx"]],
        [2 * CLIENTS, CLIENTS, CLIENTS, 2 * CLIENTS]
      )
    })
  )

  const failures: ReadonlyArray<readonly [string, string, string, string]> = [
    ["another status", "{url: 'http://HOST/bad'}", "http", "status 503 at step 1"],
    [
      "an answer without what is captured",
      "{url: 'http://HOST/', capture: {a: $.nothing}}",
      "http",
      "another answer at step 1"
    ],
    [
      "no answer in time",
      "{url: 'http://HOST/slow', timeout: 200ms}",
      "timeout",
      "no answer over HTTP at step 1 within 200 ms"
    ],
    ["an answer that does not end", "{url: 'http://HOST/endless'}", "http", "an answer of more than 16 MiB"],
    ["nobody there", "{url: 'http://127.0.0.1:1/'}", "refused", "connection refused: nothing listens there"],
    ["no TLS there", "{url: 'https://HOST/'}", "tls", "the server does not speak TLS here"],
    ["no url", "{url: 'ftp://{{client}}/'}", "scenario", "at step 1"]
  ]
  it.scopedLive.each(failures)("%s is a failure of the conversation", ([, step, cause, kind]) =>
    Effect.gen(function* () {
      const { port } = yield* loginServer
      const http = step.replace("HOST", `127.0.0.1:${port}`)
      const report = yield* load(`{connect: {url: "ws://127.0.0.1:${port}/"}, steps: [{http: ${http}}]}`)
      assert.strictEqual(report.failed, CLIENTS)
      assert.strictEqual(report.failures[0]?.cause, cause)
      assert.include(report.failures[0]?.kind, kind)
      assert.strictEqual(report.peak, 0)
    })
  )

  it.scopedLive("http steps use the provided HttpClient", () =>
    Effect.gen(function* () {
      const { port } = yield* loginServer
      const client = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, new Response('{"token":"fake"}', { status: 201 })))
      )
      const steps =
        '[{http: {url: "http://nowhere.invalid/", status: 201, capture: {t: $.token}}}, {send: "{{t}}"}, {expect: fake}]'
      const report = yield* Effect.provideService(
        load(`{connect: {url: "ws://127.0.0.1:${port}/"}, steps: ${steps}}`),
        HttpClient.HttpClient,
        client
      )
      assert.deepStrictEqual(report.failures, [])
    })
  )

  it("http steps are refused if they have two bodies, or if the URL needs a variable that is set later", () => {
    const message = (text: string) => {
      const parsed = ScenarioFile.parse("s.yaml", text)
      return parsed._tag === "Left" ? parsed.left : ""
    }
    assert.include(message("steps: [{http: {url: http://a/, text: a, json: 1}}]"), "but found json and text")
    assert.include(
      message('connect: {url: "ws://a/{{t}}"}\nsteps: [{send: a}, {http: {url: http://a/, capture: {t: $.t}}}]'),
      "s.yaml:1: connect.url: no step before this sets {{t}}"
    )
  })
})
