import { request } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { WebSocketRoute } from "playwright-core"
import type { LoadNews, LoadState } from "../../src/Protocol/LoadView.ts"
import { echo } from "../Cli/Echo/command.ts"
import * as Peer from "../Echo/Peer.ts"
import * as WsServer from "../Echo/WsServer.ts"
import { findings } from "./Axe.ts"
import * as Browser from "./Browser.ts"
import { eventually, untilText } from "./Harness.ts"

/** A long run with a page: the page's address, and how the run ends. */
const running = (args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { url } = yield* WsServer.serve(Peer.echo)
    let publish = (_: string) => {}
    const address = new Promise<string>((resolve) => {
      publish = resolve
    })
    const pattern = /Watch the run at (http\S+)\n/
    const fiber = yield* Effect.fork(
      echo(
        ["--url", url, "--duration", "10m", "--ui", "0", ...args],
        [pattern, (_, said) => publish(pattern.exec(said)![1]!)]
      )
    )
    return { address: yield* Effect.promise(() => address), ended: Fiber.join(fiber) }
  })

const loading: LoadState = {
  ...{ type: "state", phase: "loading", elapsed: 1000, load: 0, waiting: 0, connecting: 0, open: 2 },
  ...{ completed: 0, failed: 0, sent: 0, received: 0, failures: [], thresholds: [] }
}

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
  it.scopedLive("echo --ui shows a running test in a browser, raises its rate, and ends it", () =>
    Effect.gen(function* () {
      const browser = yield* Browser.chromium
      const { address, ended } = yield* running([
        ...["--clients", "5", "--rate", "20", "--threshold", "rtt.p99<10000s"],
        // A busy machine may leave messages unsent, which would be a failure.
        ...["--threshold", "unsent<1000000"]
      ])
      const lines: Array<WebSocketRoute> = []
      const { errors, page } = yield* Effect.promise(() =>
        Browser.open(browser, address, {}, (page) =>
          page.routeWebSocket(/\/load\/$/, (line) => {
            line.connectToServer()
            lines.push(line)
          })
        )
      )
      yield* Effect.promise(async () => {
        await untilText(page, "#phase", "Running")
        await untilText(page, "#open", "5")
        // Who uses the keys goes on where the line was cut.
        await page.focus("#raise")
        await lines[0]!.close()
        await page.locator("#raise:disabled").waitFor()
        await page.locator("#raise:enabled").waitFor()
        await eventually(async () => assert.strictEqual(await page.evaluate(() => document.activeElement?.id), "raise"))
        await page.waitForFunction(() => document.querySelectorAll("#charts figure").length === 4)
        await untilText(page, "#thresholds", /\u2713 rtt\.p99<10000s \(.+ m?s\)/)
        // The lines are seen, and the cursor stays under the pointer when newer charts, of another scale, take their place.
        const chart = page.locator("#charts figure").first()
        const bands = chart.locator(".bands rect")
        // At once, because newer charts take the place of these every second.
        const opacity = await page.evaluate(
          () => getComputedStyle(document.querySelector("#charts figure .bands rect")!).fillOpacity
        )
        assert.strictEqual(opacity, "0")
        await chart.focus()
        await bands.first().hover()
        await untilText(page, "#charts figure output", /^\d+ s: open \d/)
        const count = await bands.count()
        await page.waitForFunction(
          (count) => document.querySelectorAll("#charts figure:first-child .bands rect").length > count,
          count
        )
        await untilText(page, "#charts figure output", /^\d+ s: open \d/)
        assert.isTrue(await chart.evaluate((figure) => figure === document.activeElement))
        // A place that the keys have chosen stays chosen.
        await page.mouse.move(0, 0)
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("ArrowRight")
        await untilText(page, "#charts figure output", /^2 s: open \d/)
        const later = await bands.count()
        await page.waitForFunction(
          (count) => document.querySelectorAll("#charts figure:first-child .bands rect").length > count,
          later
        )
        await untilText(page, "#charts figure output", /^2 s: open \d/)
        await page.fill("#load", "100")
        await page.click("#set")
        await page.click("#raise")
        await page.waitForFunction(() => document.querySelector<HTMLInputElement>("#load")?.value === "120")
        // A page that connects late gets the earlier seconds too.
        const late = await Browser.open(browser, address)
        await late.page.waitForFunction(() => document.querySelectorAll("#charts figure").length === 4)
        await untilText(late.page, "#sent", /^\d?,?\d{3,}$/)
        await late.page.emulateMedia({ colorScheme: "dark" })
        assert.deepStrictEqual([...(await findings(page)), ...(await findings(late.page))], [])
        // On paper it is dark on white, and has nothing that one presses.
        await late.page.emulateMedia({ media: "print" })
        assert.strictEqual(await late.page.evaluate(() => getComputedStyle(document.body).color), "rgb(26, 33, 48)")
        assert.strictEqual(await late.page.locator(":is(button, input):visible").count(), 0)
        // On a phone the charts are drawn for its width, so their text is not scaled down.
        await page.setViewportSize({ width: 390, height: 844 })
        await page.waitForFunction(() =>
          [...document.querySelectorAll("#charts svg text")].every((text) => text.getBoundingClientRect().height >= 11)
        )
        assert.isTrue(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
        // Who stops it by a key is not thrown back to the beginning of the page.
        await page.press("#stop", "Enter")
        await untilText(page, "#phase", "The tool has ended")
        assert.isTrue(await page.isDisabled("#stop"))
        assert.strictEqual(await page.evaluate(() => document.activeElement?.id), "phase")
        assert.deepStrictEqual([...errors, ...late.errors], [])
      })
      const { status, stdout } = yield* ended
      assert.match(stdout, /^5 of 5 conversations right/)
      assert.strictEqual(status, 0)
    })
  )

  it.scopedLive("echo --ui keeps a load that was just set until it is confirmed, even if late states differ", () =>
    Effect.gen(function* () {
      const browser = yield* Browser.chromium
      const { address } = yield* running(["--clients", "2", "--rate", "10"])
      const asked: Array<unknown> = []
      let connected = (_: WebSocketRoute) => {}
      const server = new Promise<WebSocketRoute>((resolve) => {
        connected = resolve
      })
      const { page } = yield* Effect.promise(() =>
        Browser.open(browser, address, {}, (page) =>
          page.routeWebSocket(/\/load\/$/, (route) => {
            route.onMessage((message) => void asked.push(JSON.parse(String(message))))
            connected(route)
          })
        )
      )
      yield* Effect.promise(async () => {
        const route = await server
        const say = (news: LoadNews<never>) => route.send(JSON.stringify(news))
        const field = () => page.inputValue("#load")
        /** Tells a state, and waits until the page has it. */
        const state = async (load: number, sent: number) => {
          say({ ...loading, load, sent })
          await untilText(page, "#sent", String(sent))
        }
        say({ type: "start", urls: [], plan: "", steers: "rate" })
        await state(1000, 1)
        assert.strictEqual(await field(), "1000")
        await page.click("#raise")
        await state(1000, 2)
        assert.strictEqual(await field(), "1200")
        await page.click("#raise")
        await eventually(() =>
          assert.deepStrictEqual(asked, [
            { type: "steer", load: 1200 },
            { type: "steer", load: 1440 }
          ])
        )
        say({ type: "answered" })
        await state(1200, 3)
        assert.strictEqual(await field(), "1440")
        say({ type: "answered" })
        await state(1300, 4)
        assert.strictEqual(await field(), "1300")
        // A rate may be a fraction. What is too much is told at the field, and not asked for.
        await page.fill("#load", "0.5")
        await page.click("#set")
        await eventually(() => assert.deepStrictEqual(asked.slice(2), [{ type: "steer", load: 0.5 }]))
        await page.fill("#load", "20000000")
        await page.click("#set")
        await page.locator("#load:invalid").waitFor()
        assert.strictEqual(asked.length, 3)
        say({ type: "answered" })
        // Clients are whole, and each click changes them by at least one, but never to none.
        say({ type: "start", urls: [], plan: "", steers: "clients" })
        await state(2, 5)
        for (const [button, expected] of [
          ["#raise", "3"],
          ["#lower", "2"],
          ["#lower", "1"],
          ["#lower", "1"]
        ] as const) {
          await page.click(button)
          assert.strictEqual(await field(), expected)
        }
        // No load is asked for that is none.
        await page.fill("#load", "0")
        await page.click("#set")
        await eventually(() =>
          assert.deepStrictEqual(
            asked.slice(3),
            [3, 2, 1, 1].map((load) => ({ type: "steer", load }))
          )
        )
        // Nothing can be changed any more when the run drains.
        say({ ...loading, phase: "ended", sent: 6 })
        await untilText(page, "#sent", "6")
        for (const id of ["stop", "abort", "load", "set", "raise"]) assert.isTrue(await page.isDisabled(`#${id}`), id)
      })
    })
  )

  it.scopedLive("echo --ui lets no other page control the run", () =>
    Effect.gen(function* () {
      const { address } = yield* running(["--clients", "2", "--rate", "10"])
      assert.strictEqual(yield* handshake(address, "http://evil.example"), 403)
      assert.strictEqual(yield* handshake(address, new URL(address).origin), 101)
    })
  )
})
