import { createServer } from "node:http"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DevReload from "../../../src/Server/Pages/DevReload.ts"
import { freePort } from "../../freePort.ts"
import { chromium } from "../../Page/Browser.ts"

/** A server of one page that shows `version`, for as long as its scope is open. */
const serve = (version: string, port: number) =>
  Effect.gen(function* () {
    const page = DevReload.inject(`<!doctype html><html><head><title>${version}</title></head></html>`)
    const router = HttpRouter.concat(
      HttpRouter.empty.pipe(HttpRouter.get("/", HttpServerResponse.html(page))),
      yield* DevReload.make
    )
    const http = createServer()
    const server = NodeHttpServer.layer(() => http, { port, host: "127.0.0.1" })
    const context = yield* Layer.build(Layer.provideMerge(HttpServer.serve(router), server))
    // Chromium opens connections before it needs them, and `close` alone would wait for them.
    yield* Effect.addFinalizer(() => Effect.sync(() => http.closeAllConnections()))
    return HttpServer.HttpServer.pipe(
      Effect.map(({ address }) => (address._tag === "TcpAddress" ? address.port : 0)),
      Effect.provide(context)
    )
  }).pipe(Effect.flatten)

it.scopedLive("a page reloads when another server has started, and not while the same one runs", () =>
  Effect.gen(function* () {
    const browser = yield* chromium
    const page = yield* Effect.promise(() => browser.newPage())
    const port = yield* Effect.scoped(
      Effect.gen(function* () {
        // A port that the system gives to nobody else meanwhile.
        const port = yield* Effect.promise(() => freePort("127.0.0.1"))
        yield* serve("old", port)
        const loads = yield* Effect.sync(() => {
          const urls: Array<string> = []
          page.on("request", (request) => urls.push(new URL(request.url()).pathname))
          return urls
        })
        yield* Effect.promise(() => page.goto(`http://127.0.0.1:${port}/`))
        for (const _ of [1, 2, 3]) {
          yield* Effect.promise(() => page.waitForRequest("**/dev/reload"))
        }
        assert.deepStrictEqual(
          loads.filter((path) => path === "/"),
          ["/"]
        )
        return port
      })
    )
    yield* serve("new", port)
    yield* Effect.promise(() => page.waitForFunction("document.title === 'new'"))
  })
)
