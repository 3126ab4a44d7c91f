/** npm's `centrifuge` in a browser: its file as it is published, in Chromium, against a server of its own. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Browser } from "playwright-core"
import { launch, open } from "../Page/Browser.ts"
import { served } from "./rig.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

/** The file that pages load. */
const file = fileURLToPath(new URL("../../node_modules/centrifuge/dist/centrifuge.js", import.meta.url))

it.scopedLive("a page subscribes, publishes, reads presence and history, calls, and recovers after a cut", () =>
  Effect.gen(function* () {
    const { channels, url } = yield* served()
    // A page of the server itself: Chromium lets no other page connect to this machine.
    const { errors, page } = yield* Effect.promise(() => open(browser, new URL("/", url.replace("ws:", "http:")).href))
    yield* Effect.promise(() => page.addScriptTag({ path: file }))
    const result = yield* Effect.promise(() =>
      page.evaluate(`(async () => {
        window.sockets = []
        class Kept extends WebSocket { constructor(url) { super(url); sockets.push(this) } }
        window.client = new Centrifuge(${JSON.stringify(url)}, {
          websocket: Kept, token: "user:ada", minReconnectDelay: 500, maxReconnectDelay: 500
        })
        window.lobby = client.newSubscription("room:lobby")
        window.data = []
        window.recoveries = []
        lobby.on("publication", (context) => data.push(context.data))
        lobby.on("subscribed", ({ recovered }) => recoveries.push(recovered))
        lobby.subscribe()
        client.connect()
        await lobby.ready()
        await lobby.publish({ text: "hi" })
        const users = Object.values((await lobby.presence()).clients).map(({ user }) => user)
        const history = (await lobby.history({ limit: 5 })).publications.map(({ data }) => data)
        return { users, history, echo: (await client.rpc("echo", [1])).data }
      })()`)
    )
    assert.deepStrictEqual(result, { users: ["ada"], history: [{ text: "hi" }], echo: [1] })
    yield* Effect.promise(() => page.evaluate("sockets[0].close()"))
    yield* channels.publish("room:lobby", "missed")
    yield* Effect.promise(() => page.waitForFunction("data.length === 2"))
    assert.deepStrictEqual(yield* Effect.promise(() => page.evaluate("[data, recoveries, sockets.length]")), [
      [{ text: "hi" }, "missed"],
      [false, true],
      2
    ])
    // The server has no page there, which the browser reports.
    assert.deepStrictEqual(
      errors.filter((error) => !/404/.test(error)),
      []
    )
  })
)

it.scopedLive("the chat's page in the guide logs in, and draws the history and what is said", () =>
  Effect.gen(function* () {
    const guide = readFileSync(fileURLToPath(new URL("../../docs/channels.md", import.meta.url)), "utf8")
    const body = /```html\n(.*?)```/s.exec(guide)![1]!
    const { channels, url } = yield* served({ connect: () => Effect.succeed({ user: "ada" }) })
    yield* channels.publish("room:lobby", { text: "before" })
    const page = yield* Effect.promise(async () => {
      const { page } = await open(browser, new URL("/", url.replace("ws:", "http:")).href)
      await page.route("**/login", (route) => route.fulfill({ status: 204 }))
      await page.route("**/centrifuge.js", (route) => route.fulfill({ path: file }))
      await page.setContent(body)
      await page.fill("#name", "ada")
      await page.press("#name", "Enter")
      await page.fill("#text", "hi")
      await page.press("#text", "Enter")
      await page.waitForFunction("find('lines').innerText === 'the server: before\\nada: hi'")
      await page.waitForFunction("find('news').innerText === 'ada has come'")
      return page
    })
    yield* channels.publish("room:lobby", { text: "after" })
    yield* Effect.promise(() => page.waitForFunction("find('lines').innerText.endsWith('the server: after')"))
  })
)
