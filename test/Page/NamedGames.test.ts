/** The pages of games with names, from the real server. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Page } from "playwright-core"
import * as LibraryOffer from "../../src/Cli/Serve/LibraryOffer.ts"
import { ServerConsole } from "../../src/Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../src/Server/RelayServer.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import { reset, worker } from "../Server/Game/RelayRig.ts"
import { chromium, open } from "./Browser.ts"
import { act, untilText } from "./Steps.ts"

/** A server that controls its game without a name. */
const server = RelayServer.layer({ host: "127.0.0.1", port: 0, drain: 0, allowedEmbedders: ["*"] }).pipe(
  Layer.provide(LibraryOffer.layer({ hasControl: true })),
  Layer.provide(ServerConsole.layerSilent),
  Layer.provide(NodeContext.layer),
  Layer.build,
  Effect.map((context) => Context.get(context, WebSocketServer).port)
)

describe("The page of a game with a name", () => {
  it.scopedLive(
    "The page of a game with a name shows this game, starts no other, and keeps the name in its links; so does the page for frames",
    () =>
      Effect.gen(function* () {
        const port = yield* server
        yield* reset(port, "3", "/games/small/")
        yield* reset(port, "5", "/")
        // Without a client there would be no game yet.
        yield* worker(port, "/games/small/")
        const browser = yield* chromium
        const home = `http://127.0.0.1:${port}/games/small/`
        yield* Effect.promise(async () => {
          const { page } = await open(browser, home)
          await untilText(page, "#size", "3 × 3")
          await page.locator('header [data-action="start"]').click()
          await page.locator("#gallery input[value=pulsar]").waitFor({ state: "attached" })
          await untilText(page, "#begin", "Copy the command")
          // The chosen pattern has no room on the small grid of this game.
          await page.getByLabel("Random cells").check()
          assert.include(await page.inputValue("#command"), `127.0.0.1:${port}/games/small`)
          await page.keyboard.press("Escape")
          await act(page, "link")
          // Playwright's own idea of the address comes later than the page's.
          assert.match(await page.evaluate(() => location.href), new RegExp(`^${home}#`))

          const { page: frame } = await open(browser, `${home}embed`)
          await untilText(frame, "#size", "3 × 3")
          await frame.locator(".controls").waitFor({ state: "hidden" })
          const whole = frame.getByRole("link", { name: "Open the whole page" })
          assert.strictEqual(await whole.evaluate((link: HTMLAnchorElement) => link.href), home)
          const { headers } = await fetch(`${home}embed`)
          assert.match(headers.get("content-security-policy")!, /frame-ancestors \*$/)
          const refused = await fetch(home)
          assert.match(refused.headers.get("content-security-policy")!, /frame-ancestors 'none'$/)
        })
      })
  )
})

/** The mark that is drawn before an element; `none` without one. */
const markBefore = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => getComputedStyle(element, "::before").content)

describe("The page of a game that does not exist", () => {
  it.scopedLive(
    "The page of a game that does not exist has a mark between its name and what follows, also on a phone",
    () =>
      Effect.gen(function* () {
        const port = yield* server
        const browser = yield* chromium
        yield* Effect.promise(async () => {
          const { page } = await open(browser, `http://127.0.0.1:${port}/games/nix/`)
          await untilText(page, "#name", "nix")
          assert.strictEqual(await markBefore(page, ".explained"), '"· "')
          // The sentence is not seen there.
          await page.setViewportSize({ width: 844, height: 390 })
          assert.strictEqual(await markBefore(page, "#size"), "none")
        })
        yield* reset(port, "3", "/games/nix/")
        yield* worker(port, "/games/nix/")
        yield* Effect.promise(async () => {
          const { page } = await open(browser, `http://127.0.0.1:${port}/games/nix/`, {
            viewport: { width: 844, height: 390 }
          })
          await untilText(page, "#size", "3 × 3")
          assert.strictEqual(await markBefore(page, "#size"), '"· "')
          await page.setViewportSize({ width: 390, height: 844 })
          assert.strictEqual(await markBefore(page, ".explained"), '"· "')
          assert.strictEqual(await markBefore(page, "#size"), "none")
          await page.goto(`http://127.0.0.1:${port}/`)
          await untilText(page, "#phase", "No game yet")
          assert.strictEqual(await markBefore(page, ".explained"), "none")
        })
      })
  )
})

describe("The page of a game with a long name", () => {
  it.scopedLive("The page of a game with a long name has its buttons beside the heading", () =>
    Effect.gen(function* () {
      const port = yield* server
      const path = "/games/longest-name-of-one-game/"
      yield* reset(port, "100", path)
      yield* worker(port, path)
      const browser = yield* chromium
      yield* Effect.promise(async () => {
        const { page } = await open(browser, `http://127.0.0.1:${port}${path}`)
        await untilText(page, "#size", "100 × 100")
        const heading = (await page.locator(".title").boundingBox())!
        for (const part of ["#phase", ".bar nav"]) {
          const { height, y } = (await page.locator(part).boundingBox())!
          assert.approximately(y + height / 2, heading.y + heading.height / 2, 1)
        }
      })
    })
  )
})

describe("The list of games", () => {
  it.scopedLive(
    "The list of games shows the server's own command for a game of the chosen name, ready to be typed",
    () =>
      Effect.gen(function* () {
        const port = yield* server
        const browser = yield* chromium
        yield* Effect.promise(async () => {
          const { errors, page } = await open(browser, `http://127.0.0.1:${port}/games/`)
          const { command } = await (await fetch(`http://127.0.0.1:${port}/patterns.json`)).json()
          const url = `--url ws://127.0.0.1:${port}/games`
          await untilText(page, "#command", `${command} ${url}/first/`)
          await page.locator("#new-name").fill("my game")
          await untilText(page, "#command", `${command} ${url}/first/`)
          await page.locator("#new-name").fill("my-game")
          await untilText(page, "#command", `${command} ${url}/my-game/`)
          assert.deepStrictEqual(errors, [])
        })
      })
  )

  it.scopedLive("The list of games asks again for the command that it did not get", () =>
    Effect.gen(function* () {
      const port = yield* server
      const browser = yield* chromium
      yield* Effect.promise(async () => {
        const { page } = await open(browser, `http://127.0.0.1:${port}/test/`)
        let isThere = false
        await page.route("**/patterns.json", (route) =>
          isThere ? route.fulfill({ json: { command: "./life", hasControl: false, patterns: [] } }) : route.abort()
        )
        await page.goto(`http://127.0.0.1:${port}/games/`)
        const url = `--url ws://127.0.0.1:${port}/games/first/`
        await untilText(page, "#command", `npx effect-c10k life ${url}`)
        isThere = true
        // A page that is seen again asks for the list at once.
        await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")))
        await untilText(page, "#command", `./life ${url}`)
      })
    })
  )

  it.scopedLive(
    "The list of games shows no rate of a game that has just begun, and that of one that stands still",
    () =>
      Effect.gen(function* () {
        const port = yield* server
        const browser = yield* chromium
        const of = (name: string, rate?: number) => ({
          ...{
            name,
            path: `/games/${name}/`,
            width: 3,
            height: 3,
            topology: "",
            phase: "running",
            step: 12,
            workers: 9
          },
          ...{ watchers: 0, rate }
        })
        yield* Effect.promise(async () => {
          const { page } = await open(browser, `http://127.0.0.1:${port}/test/`)
          await page.route("**/games.json", (route) => route.fulfill({ json: { games: [of("new"), of("still", 0)] } }))
          await page.goto(`http://127.0.0.1:${port}/games/`)
          await untilText(page, '[data-name="new"] .phase', "step 12")
          await untilText(page, '[data-name="still"] .phase', "step 12, 0 steps/s")
          for (const [text, found] of [
            ["3x3", 2],
            ["3 × 3", 2],
            ["4x4", 0]
          ] as const) {
            await page.locator("#search").fill(text)
            assert.strictEqual(await page.locator(".game:visible").count(), found, text)
          }
          // A server that takes the request and says nothing.
          await page.route("**/games.json", () => {})
          await untilText(page, "#summary", /^The server does not answer/)
        })
      })
  )
})
