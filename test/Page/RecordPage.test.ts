import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { WebSocketServer } from "ws"
import { echo, folder } from "../Cli/Echo/command.ts"
import * as WsServer from "../Echo/WsServer.ts"
import * as Browser from "./Browser.ts"
import { untilText } from "./Harness.ts"

const html = `<p id="heard"></p><script>
  const socket = new WebSocket("ws://" + location.host + "/chat?room=1", ["v2", "v1"])
  socket.onopen = () => socket.send("hello")
  socket.onmessage = ({ data }) => { heard.textContent += data; socket.close(4001) }
  socket.onclose = ({ code }) => { heard.textContent += " " + code }
</script>`

/** A site with a page and a WebSocket, which lets only its own pages connect. */
const site = Effect.gen(function* () {
  const http = createServer((_, response) => {
    response.setHeader("content-type", "text/html")
    response.setHeader("set-cookie", "session=secret")
    response.end(html)
  })
  const { port } = yield* WsServer.listen(http)
  const wss = new WebSocketServer({
    server: http,
    handleProtocols: () => "v1",
    verifyClient: ({ origin }: { readonly origin: string }) => origin === `http://127.0.0.1:${port}`
  })
  wss.on("connection", (socket, { headers, url }) =>
    socket.on("message", (data) => socket.send(`${url} ${socket.protocol} ${headers.cookie} ${data}`))
  )
  return `ws://127.0.0.1:${port}/`
})

describe("echo record, with a browser", () => {
  it.scopedLive("echo record, with a browser, shows the site's pages, whose scripts connect through it", () =>
    Effect.gen(function* () {
      const target = yield* site
      const output = join(yield* folder, "it.yaml")
      const started = yield* Deferred.make<readonly [address: string, stop: () => void]>()
      const pattern = /or open (\S+),/
      const fiber = yield* Effect.fork(
        echo(
          ["record", target, "--listen", "0", "--output", output],
          [
            pattern,
            (child, said) =>
              Deferred.unsafeDone(started, Effect.succeed([pattern.exec(said)![1]!, () => void child.kill("SIGINT")]))
          ]
        )
      )
      const [address, stop] = yield* Deferred.await(started)
      const browser = yield* Browser.chromium
      const { errors, page } = yield* Effect.promise(() => Browser.open(browser, address))
      yield* Effect.promise(() => untilText(page, "#heard", "/chat?room=1 v1 session=secret hello 4001"))
      assert.deepStrictEqual(errors, [])
      stop()
      assert.strictEqual((yield* Fiber.join(fiber)).status, 0)
      const text = readFileSync(output, "utf8")
      assert.include(text, `url: ${target}chat?room=1\n`)
      assert.include(text, `    origin: ${target.replace("ws:", "http:").slice(0, -1)}\n    cookie: session=secret\n`)
      const again = yield* echo(["--scenario", output, "--clients", "3"])
      assert.match(again.stdout, /^3 of 3 conversations right/)
    })
  )
})
