import type { AddressInfo } from "node:net"
import { connect, createServer, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { eventually, harness, hueOf, notingTexts, untilColour, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const test = harness()

const grid = { width: 8, height: 8 }
const blinker = (row: number, column: number) => row === 3 && column >= 2 && column <= 4
const alive = hueOf(0, 1)

describe("The watch page, when things fail", () => {
  it("The watch page, when things fail, says that the server is gone, tries again by itself, and shows the game of the server that came back", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    test.server.state.latency = 1.25
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive)
    await untilText(page, "#latency", "1.3 ms")
    // The page tries again in less than half a second, and then shows the next reason.
    const reasons = await notingTexts(page, "#link-text")
    await test.server.stop()
    await reasons.until("The connection was lost.")
    await untilText(page, "#phase", "Disconnected")
    await untilText(page, "#link-text", "The server does not answer.")
    await untilText(page, "#link-countdown", /^Trying again/)
    // The last frame stays visible, but the latency is not that of now.
    await page.locator("#grid").focus()
    await page.keyboard.press("Shift+ArrowUp")
    await untilText(page, "#inspector", /^row 3, column 4: alive/)
    await untilColour(page, grid, 3, 2, alive)
    assert.strictEqual(await page.textContent("#latency"), "–")
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 0 && column === 0)
    await test.server.start()
    await untilColour(page, grid, 0, 0, alive)
    await untilText(page, "#phase", "Running")
    await page.locator("#link").waitFor({ state: "hidden" })
  })

  it("The watch page, when things fail, closes the menu of a run that is gone, and a video and the large view can still be ended", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "running", speed: 10 }
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await page.locator("#grid").press("v")
    await page.locator("#break").press("Enter")
    await page.locator("#kill").focus()
    await test.server.stop()
    await page.locator("#break-menu").waitFor({ state: "hidden" })
    await page.locator("#break").waitFor({ state: "hidden" })
    await eventually(async () => assert.strictEqual(await page.evaluate(() => document.activeElement?.id), "grid"))
    await page.locator("#link").waitFor()
    await page.locator("#recording-stop").click()
    await page.locator("#recording").waitFor({ state: "hidden" })
    await page.locator("#grid").press("o")
    await page.locator("#leave-big").click()
    await page.locator(".controls").waitFor()
  })

  it("The watch page, when things fail, forgets the game when the server that came back has none", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive)
    await test.server.restart()
    await untilText(page, "#phase", "No game yet")
    await eventually(async () => assert.strictEqual(await page.title(), "Game of Life"))
  })

  it("The watch page, when things fail, connects at once when told to", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    await test.server.stop()
    // By now the next attempt is seconds away.
    await untilText(page, "#link-countdown", /in [3-9] s/)
    await page.locator("#retry").waitFor()
    await test.server.start()
    // `click` would wait for the button if these seconds were over before.
    await page.locator("#retry").dispatchEvent("click")
    await untilText(page, "#phase", "No game yet")
  })

  it("The watch page, when things fail, has the line to the run again as soon as the other line is there", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    const page = await test.visitUrl("about:blank")
    // A first wait of a line takes half a second, a second one twice as long: so long that it never ends here.
    await page.addInitScript(() => {
      Math.random = () => 0
      const { setTimeout } = window
      Object.assign(window, {
        setTimeout: (act: () => void, wait = 0) => (wait < 1_000 ? setTimeout(act, wait) : 0)
      })
    })
    let refused = 0
    await page.routeWebSocket(/\/control\/$/, (line) => {
      if (refused === 2) return void line.connectToServer()
      refused++
      line.close()
    })
    await page.goto(test.server.url)
    await eventually(() => assert.strictEqual(refused, 2))
    await untilText(page, "#phase", "No game yet")
    await page.locator("#run").waitFor({ state: "hidden" })
    for (const socket of test.server.sockets) socket.terminate()
    await page.locator("#run").waitFor()
  })

  it("The watch page, when things fail, tells of a server that says goodbye", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    for (const socket of test.server.sockets) socket.close(1001)
    await untilText(page, "#link-text", "The server is shutting down.")
    await untilText(page, "#phase", "No game yet")
  })

  it("The watch page, when things fail, takes no harm from a message that does not belong to the protocol", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive)
    for (const socket of test.server.sockets) socket.send(Uint8Array.of(1, 2, 3))
    await untilText(page, "#link-text", "The server sent a message that this page cannot read.")
    await untilText(page, "#phase", "Running")
    for (const socket of test.server.sockets) socket.send("0 3 2 1")
    await untilText(page, "#link-text", "The server sent a message that this page cannot read.")
    await untilText(page, "#phase", "Running")
  })

  it("The watch page, when things fail, notices a network that was cut without a word", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    // Bytes pass until the cable is unplugged. After that nothing arrives, and nothing is closed.
    const line = { isCut: false }
    const upstream = new URL(test.server.url)
    const lines = new Set<Socket>()
    const proxy = createServer((near) => {
      lines.add(near)
      const far = connect(Number(upstream.port), upstream.hostname)
      near.on("data", (data) => line.isCut || far.write(data))
      far.on("data", (data) => line.isCut || near.write(data))
      near.on("error", () => far.destroy()).on("close", () => far.destroy())
      far.on("error", () => near.destroy()).on("close", () => near.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    const { port } = proxy.address() as AddressInfo
    const page = await test.visitUrl(`http://127.0.0.1:${port}/`)
    await untilColour(page, grid, 3, 2, alive)
    line.isCut = true
    await page.waitForFunction(
      () => document.querySelector("#link-text")?.textContent === "The server does not send anything any more."
    )
    line.isCut = false
    await untilText(page, "#phase", "Running")
    await page.goto("about:blank")
    // Chromium opens connections ahead of use, and keeps them.
    for (const near of lines) near.destroy()
    await new Promise((resolve) => proxy.close(resolve))
  })

  it("The watch page, when things fail, asks for nothing while hidden, and shows the newest state on return", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive)
    const hide = (isHidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => value })
        document.dispatchEvent(new Event("visibilitychange"))
      }, isHidden)
    await hide(true)
    await test.server.untilRequest("pause")
    const sent = test.server.sent
    for (let step = 0; step < 18; step++) game.advance()
    // After another turn of the feed there was still nothing to send.
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.strictEqual(test.server.sent, sent)
    await hide(false)
    await untilText(page, "#generation", "18")
    await untilColour(page, grid, 3, 2, alive)
  })

  it("The watch page, when things fail, is told of one that went offline and came back", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await page.context().setOffline(true)
    await untilText(page, "#link-text", "This device is offline.")
    await page.context().setOffline(false)
    await untilText(page, "#phase", "Running")
  })
})
