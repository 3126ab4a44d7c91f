import { request } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Page } from "playwright-core"
import { echo } from "../Cli/Echo/command.ts"
import * as Peer from "../Echo/Peer.ts"
import * as WsServer from "../Echo/WsServer.ts"
import { findings } from "./Axe.ts"
import * as Browser from "./Browser.ts"
import { eventually, untilText } from "./Harness.ts"

const chromium = Effect.acquireRelease(Effect.promise(Browser.launch), (open) => Effect.promise(() => open.close()))

/** A long run with a page: the page's address, and how the run ends. */
const running = (args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { url } = yield* WsServer.serve(Peer.echo)
    let tell = (_: string) => {}
    const address = new Promise<string>((resolve) => {
      tell = resolve
    })
    const pattern = /Watch the run at (http\S+)\n/
    const fiber = yield* Effect.fork(
      echo(
        ["--url", url, "--duration", "10m", "--ui", "0", ...args],
        [pattern, (_, said) => tell(pattern.exec(said)![1]!)]
      )
    )
    return { address: yield* Effect.promise(() => address), ended: Fiber.join(fiber) }
  })

/** The status with which a handshake is answered. */
const handshake = (address: string, origin: string) =>
  Effect.async<number | undefined>((resume) => {
    const headers = {
      ...{ connection: "Upgrade", upgrade: "websocket", origin },
      ...{ "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" }
    }
    const asking = request(`${address}load/`, { headers })
    const answer = (status: number | undefined) => resume(Effect.succeed(status))
    asking.on("response", ({ statusCode }) => answer(statusCode))
    asking.on("upgrade", (_, socket) => {
      socket.destroy()
      answer(101)
    })
    asking.end()
  })

describe("echo --ui", () => {
  it.scopedLive(
    "shows a run in a browser as it goes, raises its rate, and ends it",
    () =>
      Effect.gen(function* () {
        const browser = yield* chromium
        const { address, ended } = yield* running(["--clients", "5", "--rate", "100", "--threshold", "rtt.p99<10s"])
        const told: Array<string> = []
        const listen = async (page: Page) => {
          page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => told.push(String(payload))))
        }
        const { errors, page } = yield* Effect.promise(() => Browser.open(browser, address, {}, listen))
        yield* Effect.promise(async () => {
          await untilText(page, "#phase", "Running")
          await untilText(page, "#open", "5")
          await page.waitForFunction(() => document.querySelectorAll("#charts figure").length === 4)
          await untilText(page, "#thresholds", /\u2713 rtt\.p99<10s \(.+ ms\)/)
          await page.fill("#load", "1000")
          await page.click("#set")
          // Until then the field may go back to what the server said last.
          await eventually(() => assert.isTrue(told.some((news) => /"load":1000\b/.test(news))))
          await page.click("#raise")
          await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#load")?.value === "1200")
          // A late page gets the seconds that were before it.
          const late = await Browser.open(browser, address)
          await late.page.waitForFunction(() => document.querySelectorAll("#charts figure").length === 4)
          await untilText(late.page, "#sent", /^\d?,?\d{3,}$/)
          await late.page.emulateMedia({ colorScheme: "dark" })
          assert.deepStrictEqual([...(await findings(page)), ...(await findings(late.page))], [])
          // On a phone the charts are drawn for its width: their text is not scaled down.
          await page.setViewportSize({ width: 390, height: 844 })
          await page.waitForFunction(() =>
            [...document.querySelectorAll("#charts svg text")].every(
              (text) => text.getBoundingClientRect().height >= 11
            )
          )
          assert.isTrue(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
          await page.click("#stop")
          await untilText(page, "#phase", "The tool has ended")
          assert.isTrue(await page.isDisabled("#stop"))
          assert.deepStrictEqual([...errors, ...late.errors], [])
        })
        const { status, stdout } = yield* ended
        assert.match(stdout, /^5 of 5 conversations right/)
        assert.strictEqual(status, 0)
      }),
    120_000
  )

  it.scopedLive(
    "lets no other page steer the run",
    () =>
      Effect.gen(function* () {
        const { address } = yield* running(["--clients", "2", "--rate", "10"])
        assert.strictEqual(yield* handshake(address, "http://evil.example"), 403)
        assert.strictEqual(yield* handshake(address, new URL(address).origin), 101)
      }),
    120_000
  )
})
