import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { eventually } from "../eventually.ts"
import { act, harness, hueOf, untilColour, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

const own = (game: "none" | "running" | "paused" | "ended") => {
  test.server.list = { ...test.server.list, hasControl: true }
  test.server.control = { type: "state", game, speed: 10 }
}

const openBoard = async (page: Page) => {
  await page.locator('header [data-action="start"]').click()
  await page.getByLabel("Drawn or loaded").check()
  await page.getByRole("button", { name: "Draw on the grid" }).click()
  await page.locator("#drawing").waitFor()
}

describe("A server that owns its workers", () => {
  it("A server that owns its workers ends a game at once, while its clients leave, but not the game of another `life` after it", async () => {
    own("running")
    const { state } = test.server
    const game = TestGame.running(state, 8, 8, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    test.server.answer({ type: "state", game: "ended", speed: 10, note: "Its time is over." })
    await untilText(page, "#phase", "Ended")
    await untilText(page, "#ended-text", /^Its time is over\./)
    // The last steps of its clients change nothing of that.
    game.advance()
    await untilText(page, "#generation", "1")
    assert.strictEqual(await page.textContent("#phase"), "Ended")
    state.setPhase("ended")
    state.setCounts(0, 0)
    await untilText(page, "#workers", "0")
    TestGame.running(state, 8, 8, scattered)
    await untilText(page, "#phase", "Running")
  })

  it("A server that owns its workers can't be paused after their game, and the page shows no latency; an earlier generation is left", async () => {
    own("running")
    const { state } = test.server
    const game = TestGame.running(state, 8, 8, scattered)
    state.latency = 3
    const page = await test.visit()
    await untilText(page, "#latency", "3.0 ms")
    await untilColour(page, { width: 8, height: 8 }, 0, 0, hueOf(0, scattered(0, 0) ? 1 : 0))
    game.advance()
    await untilText(page, "#generation", "1")
    const play = page.locator('.controls [data-action="play"]')
    assert.isTrue(await play.isEnabled())
    test.server.answer({ type: "state", game: "ended", speed: 10 })
    state.setPhase("ended")
    state.setCounts(0, 0)
    await page.locator('.controls [data-action="play"]:disabled').waitFor()
    await page.locator('#view-menu [data-action="freeze"]:disabled').waitFor({ state: "attached" })
    await untilText(page, "#latency", "–")
    // The keys neither.
    await page.locator("#grid").press(" ")
    await page.locator("#grid").press("h")
    await page.locator("#grid").press(",")
    await untilText(page, "#seen", "Paused at generation 0")
    await untilText(page, "#play-label", "Resume")
    await play.click()
    await untilText(page, "#play-label", "Pause")
    assert.isTrue(await play.isDisabled())
    TestGame.running(state, 8, 8, scattered)
    await page.locator('.controls [data-action="play"]:enabled').waitFor()
  })

  it("A server that owns its workers may have a speed that is not in the list", async () => {
    own("running")
    test.server.control = { ...test.server.control, speed: 2500 }
    TestGame.running(test.server.state, 8, 8, scattered)
    const page = await test.visit()
    await untilText(page, "#run-speed option:checked", "2,500 a second")
  })

  it("A server that owns its workers never says that there is no game between the start of a game and its cells", async () => {
    own("ended")
    const { state } = test.server
    TestGame.running(state, 8, 8, scattered)
    state.setPhase("ended")
    state.setCounts(0, 0)
    const page = await test.visit()
    await untilText(page, "#phase", "Ended")
    const said = await page.evaluateHandle(() => {
      const said: Array<string> = []
      const note = () => {
        for (const id of ["phase", "overlay-title"]) {
          const element = document.getElementById(id)!
          if (element.checkVisibility()) said.push(element.textContent ?? "")
        }
      }
      new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true })
      return said
    })
    await page.locator('header [data-action="start"]').click()
    await page.locator("#begin").click()
    await untilText(page, "#phase", "Starting")
    // Of the game to come nothing is known yet, and the one before says nothing of it.
    await untilText(page, "#headline", "WebSocket clients in lockstep")
    await untilText(page, "#size", "")
    await page.waitForFunction(() => document.title === "Game of Life")
    test.server.answer({ type: "state", game: "starting", speed: 10 })
    state.reset(8, 8, "B3/S23:T8,8")
    state.setPhase("idle")
    await untilText(page, "#headline", "0 of 64 clients connected")
    await untilText(page, "#overlay-title", "A game is about to start")
    state.setPhase("connecting")
    state.setCounts(1, 0)
    await untilText(page, "#phase", "Connecting")
    test.server.answer({ type: "state", game: "running", speed: 10 })
    state.setPhase("running")
    state.setCounts(64, 64)
    new TestGame(state, scattered).publish()
    await untilText(page, "#phase", "Running")
    const words = await said.jsonValue()
    assert.include(words, "Starting")
    for (const word of words) assert.notMatch(word, /No game yet|Waiting for a game/)
  })

  it("A server that owns its workers is controlled by the page, but not by the page for frames", async () => {
    own("running")
    TestGame.running(test.server.state, 8, 8, scattered)
    const page = await test.visit()
    await page.locator("#run").waitFor()
    const addresses: Array<string> = []
    page.on("websocket", (socket) => addresses.push(new URL(socket.url()).pathname))
    const connected = page.waitForEvent("websocket")
    await page.goto(`${test.server.url}embed`)
    await connected
    await untilText(page, "#phase", "Running")
    await page.evaluate(() => new Promise(requestAnimationFrame))
    assert.deepStrictEqual(addresses, ["/watcher/"])
  })

  it("A server that owns its workers is asked for a game only when the control channel is open", async () => {
    own("none")
    const page = await test.visit()
    await page.locator("#run").waitFor()
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.routeWebSocket(/\/control\/$/, async (socket) => {
      await released
      socket.connectToServer()
    })
    await page.reload()
    await page.locator('header [data-action="start"]').click()
    const begin = page.getByRole("button", { name: "Start this game" })
    await begin.waitFor()
    assert.isTrue(await begin.isDisabled())
    release()
    await begin.click()
    await test.server.untilControl(1)
    assert.strictEqual(test.server.controls[0]?.type, "start")
  })

  it("A server that owns its workers can be controlled as soon as it is there, and not after another server replaced it", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    assert.isTrue(await page.locator("#run").isHidden())
    own("paused")
    await test.server.restart()
    await page.locator("#run").waitFor()
    await untilText(page, "#play-label", "Resume")
    await page.locator('header [data-action="start"]').click()
    await page.getByRole("button", { name: "Start this game" }).waitFor()
    await page.keyboard.press("Escape")
    test.server.list = { ...test.server.list, hasControl: false }
    await test.server.restart()
    await page.locator("#run").waitFor({ state: "hidden" })
    await untilText(page, "#play-label", "Pause")
  })

  it("A server that owns its workers gets a new control channel when the line to it was dead, since that channel is silent for long", async () => {
    own("running")
    TestGame.running(test.server.state, 8, 8, scattered)
    const page = await test.visit()
    await page.locator("#run").waitFor()
    let cut = () => {}
    await page.routeWebSocket(/\/watcher\/$/, (socket) => {
      socket.connectToServer()
      cut = () => void socket.close({ code: 4000, reason: "silent" })
    })
    let channels = 0
    await page.routeWebSocket(/\/control\/$/, (socket) => {
      channels++
      socket.connectToServer()
    })
    await page.reload()
    await untilText(page, "#phase", "Running")
    await page.locator("#run").waitFor()
    assert.strictEqual(channels, 1)
    cut()
    await eventually(() => assert.strictEqual(channels, 2))
    await page.locator("#run").waitFor()
  })

  it("A server that owns its workers is paused by the pause button, which first returns from a frozen view, or runs to a generation that has not come", async () => {
    own("running")
    const game = TestGame.running(test.server.state, 8, 8, scattered)
    const page = await test.visit()
    // Two generations must be drawn before the page can go back to one.
    await eventually(async () => {
      game.advance()
      assert.isTrue(await page.locator('.controls [data-action="back"]').isEnabled())
    })
    await untilText(page, "#play-label", "Pause")
    await act(page, "back")
    await untilText(page, "#play-label", "Resume")
    await act(page, "play")
    await untilText(page, "#play-label", "Pause")
    assert.deepStrictEqual(test.server.controls, [])
    await act(page, "play")
    await test.server.untilControl(1)
    await act(page, "time")
    await page.getByLabel("Go to generation").fill("1000")
    await page.keyboard.press("Enter")
    await test.server.untilControl(2)
    assert.deepStrictEqual<unknown>(test.server.controls, [{ type: "pause" }, { type: "resume", step: 1000 }])
  })
})

describe("Drawing a first generation", () => {
  it("Drawing a first generation ends with Escape, on the grid and on its buttons, and keeps the drawing", async () => {
    const page = await test.visit()
    await openBoard(page)
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await untilText(page, "#drawn-text", "1 living cell is drawn.")
    await page.locator("#drawing").waitFor({ state: "hidden" })
    await page.getByRole("button", { name: "Draw on the grid" }).click()
    await page.locator("#drawing-clear").focus()
    await page.keyboard.press("Escape")
    await page.getByRole("heading", { name: "Start a game" }).waitFor()
  })

  it("Drawing a first generation opens no panel, and does not affect the game", async () => {
    TestGame.running(test.server.state, 8, 8, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await openBoard(page)
    await page.keyboard.press(" ")
    await page.keyboard.press("n")
    // This ends the drawing.
    await page.locator("#drawing").waitFor({ state: "hidden" })
    await page.getByRole("heading", { name: "Start a game" }).waitFor()
    await page.keyboard.press("Escape")
    await page.locator("#seen").waitFor({ state: "hidden" })
  })

  it("Drawing a first generation undoes changes", async () => {
    const page = await test.visit()
    await openBoard(page)
    const grid = { width: 32, height: 32 }
    await untilColour(page, grid, 0, 0, hueOf(0, 0))
    assert.isTrue(await page.locator("#drawing-undo").isDisabled())
    await page.locator("#grid").focus()
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Enter")
    await untilColour(page, grid, 15, 16, hueOf(0, 1))
    await page.locator("#drawing-random").click()
    await page.locator("#drawing-undo").click()
    await page.locator("#grid").focus()
    await page.keyboard.press("Control+z")
    await untilColour(page, grid, 15, 16, hueOf(0, 0))
    assert.isTrue(await page.locator("#drawing-undo").isDisabled())
    await page.keyboard.press("Escape")
    await untilText(page, "#drawn-text", "Nothing is drawn yet.")
    // Also after the end of the drawing, when one goes on with it.
    await page.locator("#draw").click()
    await page.locator("#drawing-redo").click()
    await page.keyboard.press("Escape")
    await untilText(page, "#drawn-text", "1 living cell is drawn.")
    await page.locator("#width").fill("40")
    await page.locator("#draw").click()
    await page.locator("#drawing-undo").click()
    assert.isTrue(await page.locator("#drawing-undo").isDisabled())
    await page.locator("#drawing-redo:enabled").waitFor()
    await page.keyboard.press("Escape")
    await untilText(page, "#drawn-text", "Nothing is drawn yet.")
  })

  it("Drawing a first generation treats two fingers as a pinch, not as dots", async () => {
    const page = await test.visit("", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await openBoard(page)
    const box = (await page.locator("#grid").boundingBox())!
    const session = await page.context().newCDPSession(page)
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: ReadonlyArray<readonly [number, number]>) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y], id) => ({ x: box.x + box.width / 2 + x, y: box.y + box.height / 2 + y, id }))
      })
    await touch("touchStart", [[-60, 0]])
    await touch("touchMove", [[-62, 2]])
    await touch("touchStart", [
      [-62, 2],
      [60, 0]
    ])
    await touch("touchMove", [
      [-90, 0],
      [90, 0]
    ])
    await touch("touchEnd", [])
    await page.locator("#drawing-done").click()
    await untilText(page, "#drawn-text", "Nothing is drawn yet.")
  })
})

describe("Announcements", () => {
  it("Announcements can be turned off, also for the next visit", async () => {
    const page = await test.visit()
    await untilText(page, "#status", "Waiting for a game.")
    await act(page, "announce")
    TestGame.running(test.server.state, 8, 8, scattered)
    await untilText(page, "#phase", "Running")
    await untilText(page, "#status", "")
    await page.reload()
    await untilText(page, "#phase", "Running")
    assert.strictEqual(await page.textContent("#status"), "")
    assert.strictEqual(await page.getAttribute('[data-action="announce"]', "aria-pressed"), "false")
    await act(page, "announce")
    await untilText(page, "#status", /^Running, generation 0/)
  })
})
