/** npm's `centrifuge` in a browser: its file as it is published, in Chromium, against a server of its own. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Browser } from "playwright-core"
import * as Channel from "../../src/Channels/Channel.ts"
import { errors } from "../../src/Channels/Codes.ts"
import { closePages, launch, open } from "../Page/Browser.ts"
import { options } from "./options.ts"
import { served, until } from "./rig.ts"

let browser: Browser
beforeAll(async () => {
  browser = await launch()
})
afterAll(closePages)

/** The file that pages load. */
const file = fileURLToPath(new URL("../../node_modules/centrifuge/dist/centrifuge.js", import.meta.url))

it.scopedLive("a page subscribes, publishes, reads presence and history, calls, and recovers after a cut", () =>
  Effect.gen(function* () {
    const { channels, url } = yield* served()
    // A page of the server itself: Chromium lets no other page connect to this machine.
    const { errors: shown, page } = yield* Effect.promise(() =>
      open(browser, new URL("/", url.replace("ws:", "http:")).href)
    )
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
      shown.filter((error) => !/404/.test(error)),
      []
    )
  })
)

it.scopedLive(
  "a page renews its tokens, of the connection and of subscriptions, is subscribed by the server, sends batches, and is told of a gap",
  () =>
    Effect.gen(function* () {
      const counts = { connected: 0, renewed: 0, subscribed: 0 }
      const brief = (what: keyof typeof counts) =>
        Effect.sync(() => {
          counts[what]++
          return { expiresAt: Date.now() + 1000 }
        })
      const { channels, url } = yield* served({
        channels: [
          ...options.channels,
          Channel.make("granted", {
            subscribe: ({ token }) => (token === "old" ? Effect.fail(errors.tokenExpired) : brief("subscribed")),
            refresh: () => brief("renewed")
          }),
          // Without a hook for new tokens it ends with 2501, and the client subscribes again.
          Channel.make("brief", { subscribe: () => brief("subscribed") })
        ],
        connect: ({ token: user }) =>
          Effect.map(brief("connected"), (until) => ({ user, channels: ["user:ada"], ...until })),
        refresh: (user) => Effect.map(brief("connected"), (until) => ({ user, ...until }))
      })
      const { page } = yield* Effect.promise(() => open(browser, new URL("/", url.replace("ws:", "http:")).href))
      yield* Effect.promise(() => page.addScriptTag({ path: file }))
      yield* Effect.promise(() =>
        page.evaluate(`(async () => {
          window.sockets = []
          class Kept extends WebSocket { constructor(url) { super(url); sockets.push(this) } }
          window.asked = 0
          window.client = new Centrifuge(${JSON.stringify(url)}, {
            websocket: Kept, getToken: async () => (asked++, "ada"), minReconnectDelay: 500, maxReconnectDelay: 500
          })
          window.own = []
          client.on("publication", ({ channel, data }) => own.push([channel, data]))
          client.on("subscribed", ({ channel, recovered }) => own.push([channel, recovered]))
          window.short = client.newSubscription("short:1")
          window.recoveries = []
          short.on("subscribed", ({ wasRecovering, recovered }) => recoveries.push([wasRecovering, recovered]))
          short.subscribe()
          window.tokens = ["old"]
          window.granted = client.newSubscription("granted", { getToken: async () => tokens.pop() ?? "new" })
          granted.subscribe()
          window.brief = client.newSubscription("brief", { minResubscribeDelay: 10, maxResubscribeDelay: 20 })
          brief.subscribe()
          client.connect()
          await Promise.all([short.ready(), granted.ready()])
        })()`)
      )
      const batch = yield* Effect.promise(() =>
        page.evaluate(`(async () => {
          client.startBatching()
          const results = Promise.all(Array.from({ length: 20 }, (_, i) => client.rpc("echo", i)))
          client.stopBatching()
          return (await results).map(({ data }) => data)
        })()`)
      )
      assert.deepStrictEqual(
        batch,
        Array.from({ length: 20 }, (_, i) => i)
      )
      yield* channels.publish("user:ada", "direct")
      yield* Effect.promise(() => page.waitForFunction("own.length === 2 && asked > 1 && client.state === 'connected'"))
      yield* until(() => assert.isTrue(counts.connected > 2 && counts.renewed > 1 && counts.subscribed > 3))
      assert.strictEqual(yield* Effect.promise(() => page.evaluate("granted.state")), "subscribed")
      yield* channels.publish("short:1", 0)
      yield* Effect.promise(() => page.evaluate("sockets.at(-1).close()"))
      for (const i of [1, 2, 3]) yield* channels.publish("short:1", i)
      yield* Effect.promise(() => page.waitForFunction("recoveries.length === 2 && own.length === 3"))
      assert.deepStrictEqual(yield* Effect.promise(() => page.evaluate("[own, recoveries, tokens]")), [
        [
          ["user:ada", false],
          ["user:ada", "direct"],
          ["user:ada", true]
        ],
        [
          [false, false],
          [true, false]
        ],
        []
      ])
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
