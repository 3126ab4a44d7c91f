/** The pages of games with names, from the real server. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
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
