/** The game in a frame of another page, from the real server. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serveRelay } from "../Server/Game/RelayRig.ts"
import { chromium, open } from "./Browser.ts"
import { untilText } from "./Steps.ts"

/** A page of another origin that holds `address` in a frame, as flat as a phone that lies. */
const holder = (address: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer((_, response) => {
        response.setHeader("content-type", "text/html")
        response.end(`<!doctype html><title>holder</title><iframe src="${address}" width="700" height="400"></iframe>`)
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return server
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  )

describe("/embed", () => {
  it.scopedLive("/embed shows the grid in a frame of an origin that may, and of no other", () =>
    Effect.gen(function* () {
      const browser = yield* chromium
      const closed = yield* serveRelay()
      const absent = yield* Effect.promise(() => fetch(`http://127.0.0.1:${closed.port}/embed`))
      assert.strictEqual(absent.status, 404)
      const { port } = yield* serveRelay({ allowedEmbedders: ["http://localhost:1"] })
      const refused = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/embed`))
      assert.match(refused.headers.get("content-security-policy")!, /frame-ancestors http:\/\/localhost:1$/)
      const page = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/`))
      assert.match(page.headers.get("content-security-policy")!, /frame-ancestors 'none'$/)

      const open1 = yield* serveRelay({ allowedEmbedders: ["*"] })
      const other = yield* holder(`http://127.0.0.1:${open1.port}/embed`)
      const { port: otherPort } = other.address() as AddressInfo
      yield* Effect.promise(async () => {
        const { errors, page } = await open(browser, `http://127.0.0.1:${otherPort}/`)
        const frame = page.frameLocator("iframe")
        await frame.getByRole("link", { name: "Open the whole page" }).waitFor()
        await frame.locator(".controls").waitFor({ state: "hidden" })
        const [, inner] = page.frames()
        await inner!.waitForFunction(() => document.querySelector("#overlay-title")?.textContent !== "")
        const { height, width } = (await frame.locator("#grid").boundingBox())!
        assert.isAbove(height, 300)
        // The grid has the whole width.
        assert.strictEqual(width, 700)
        // It has not asked for the focus of the page around it.
        assert.deepStrictEqual(errors, [])
      })
      const stranger = yield* holder(`http://127.0.0.1:${port}/embed`)
      const { port: strangerPort } = stranger.address() as AddressInfo
      yield* Effect.promise(async () => {
        const { page } = await open(browser, `http://127.0.0.1:${strangerPort}/`)
        assert.strictEqual(await page.frameLocator("iframe").locator("#grid").count(), 0)
        await untilText(page, "title", "holder")
      })
    })
  )
})
