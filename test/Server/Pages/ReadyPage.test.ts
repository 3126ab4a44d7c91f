/** The watch page without the HTTP app: it has the same answer as with the app, for the present grid. */
import { once } from "node:events"
import { request } from "node:http"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ReadyPage from "../../../src/Server/Pages/ReadyPage.ts"
import { fileOf, respond, type StaticFile, StaticFiles } from "../../../src/Server/Pages/StaticFiles.ts"
import * as WatchPage from "../../../src/Server/Pages/WatchPage.ts"
import { echo, serve } from "../../WebSocket/Rig.ts"

const text = `<html><title>Grid \u00e9</title>${"<p>many words</p>".repeat(100)}</html>`
const page = fileOf("text/html; charset=utf-8", new TextEncoder().encode(text))

const ask = (
  port: number,
  options: { readonly method?: string; readonly path?: string; readonly headers?: Record<string, string> }
) =>
  Effect.promise(async () => {
    const asking = request({ host: "127.0.0.1", port, agent: false, ...options }).end()
    const [answer] = await once(asking, "response")
    const chunks: Array<Buffer> = []
    for await (const chunk of answer) chunks.push(chunk)
    const { date: _, ...headers } = answer.headers
    return { status: answer.statusCode, headers, body: Buffer.concat(chunks).toString("base64") }
  })

const common = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" }

const origin = "http://life.example:8000"

describe("the watch page", () => {
  it.scopedLive("the watch page is answered at once, and in the same way as by the app", () =>
    Effect.gen(function* () {
      const file = yield* page
      const shortcut = ReadyPage.make({ get: () => Effect.succeed(file), unsafeKept: () => file }, common, () => origin)
      let taken = 0
      const pages = Effect.map(respond(file), HttpServerResponse.setHeaders(common))
      const slow = yield* serve(echo, { pages })
      const fast = yield* serve(echo, {
        pages,
        shortcut: (...args) => {
          const isTaken = shortcut(...args)
          if (isTaken) taken++
          return isTaken
        }
      })
      const requests = [
        {},
        { headers: { "accept-encoding": "gzip, deflate, br" } },
        { headers: { "accept-encoding": "gzip" } },
        { headers: { "accept-encoding": "identity;q=1, *;q=0" } },
        { headers: { "if-none-match": `"${file.hash}"` } },
        { method: "HEAD" },
        { method: "POST" },
        { path: "/?query" }
      ]
      for (const asked of requests) assert.deepStrictEqual(yield* ask(fast.port, asked), yield* ask(slow.port, asked))
      assert.strictEqual(taken, 4)
    })
  )

  const filesOf = (files: { file: StaticFile }, areKept: boolean) =>
    Layer.succeed(StaticFiles, { areKept, get: () => Effect.sync(() => files.file) })

  it.effect(
    "the watch page is made once for each size of the grid and state of its clients, and is kept only if its file is",
    () =>
      Effect.gen(function* () {
        const files = { file: yield* page }
        let grid: { width: number; height: number; clients?: WatchPage.Clients } = { width: 3, height: 2 }
        const kept = yield* Effect.provide(
          WatchPage.make(() => grid, []),
          filesOf(files, true)
        )
        const loose = yield* Effect.provide(
          WatchPage.make(() => grid, []),
          filesOf(files, false)
        )
        const titleOf = (file: StaticFile | undefined) =>
          /<title>(.*)<\/title>/.exec(String(Buffer.from(file!.body)))?.[1]
        assert.isUndefined(kept.unsafeKept(origin))
        const first = yield* kept.get(origin)
        assert.strictEqual(titleOf(first), "Game of Life 3x2")
        assert.strictEqual(yield* kept.get(origin), first)
        assert.strictEqual(kept.unsafeKept(origin), first)
        grid = { width: 5, height: 4 }
        assert.isUndefined(kept.unsafeKept(origin))
        assert.strictEqual(titleOf(yield* kept.get(origin)), "Game of Life 5x4")
        assert.strictEqual(titleOf(yield* loose.get(origin)), "Game of Life 5x4")
        assert.isUndefined(loose.unsafeKept(origin))
        grid = { ...grid, clients: "running" }
        assert.isUndefined(kept.unsafeKept(origin))
        // Under another name the page has other urls in it, and both are kept.
        const other = yield* kept.get("https://other.example")
        assert.include(String(Buffer.from(other!.body)), 'content="https://other.example/picture.png"')
        assert.include(String(Buffer.from((yield* kept.get(origin))!.body)), `content="${origin}/picture.png"`)
        assert.strictEqual(kept.unsafeKept("https://other.example"), other)
        files.file = yield* fileOf("text/html", new TextEncoder().encode("<title>x</title>another"))
        assert.include(String(Buffer.from((yield* loose.get(origin))!.body)), "another")
      })
  )

  it.effect("the watch page is made for few names of the server, also when many requests name others at once", () =>
    Effect.gen(function* () {
      const files = filesOf({ file: yield* page }, true)
      const kept = yield* Effect.provide(
        WatchPage.make(() => ({ width: 3, height: 2 }), []),
        files
      )
      const origins = Array.from({ length: 100 }, (_, i) => `http://${i % 50}.example`)
      const made = yield* Effect.forEach(origins, (origin) => kept.get(origin), { concurrency: "unbounded" })
      assert.strictEqual(new Set(made).size, 9)
      for (const [i, file] of made.entries()) assert.strictEqual(file, made[i % 50])
      // Those without a page of their own get one that names no address.
      assert.include(String(Buffer.from(made[0]!.body)), 'content="http://0.example/picture.png"')
      assert.notInclude(String(Buffer.from(made[49]!.body)), "og:url")
    })
  )
})
