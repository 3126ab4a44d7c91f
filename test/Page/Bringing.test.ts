import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { Page } from "playwright-core"
import type { GameRequest } from "../../src/Protocol/Control.ts"
import { formatStartLink, parseStartLink } from "../../static/watch/Model/StartLink.ts"
import { act, eventually, harness, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const test = harness()

const highLife = "#N Replicator\nx = 5, y = 5, rule = B36/S23\n2b3o$bo2bo$o3bo$o2bo$3o!\n"

const own = (game: "none" | "paused") => {
  test.server.list = { ...test.server.list, hasControl: true }
  test.server.control = { type: "state", game, speed: 20 }
}

const asked = async (count: number): Promise<GameRequest> => {
  await test.server.untilControl(count)
  const request = test.server.controls[count - 1]
  assert(request?.type === "start")
  return request.game
}

/** Simulates what a browser does when a text or a file is pasted or dropped. */
const bring = (page: Page, kind: "paste" | "drop", text: string) =>
  page.evaluate(
    ({ kind, text }) => {
      const data = new DataTransfer()
      if (kind === "paste") data.setData("text/plain", text)
      else data.items.add(new File([text], "replicator.rle"))
      const options = { bubbles: true, cancelable: true }
      document
        .querySelector("#grid")!
        .dispatchEvent(
          kind === "paste"
            ? new ClipboardEvent("paste", { ...options, clipboardData: data })
            : new DragEvent("drop", { ...options, dataTransfer: data })
        )
    },
    { kind, text }
  )

describe("A pattern that a viewer brings", () => {
  for (const kind of ["paste", "drop"] as const)
    it(`A pattern that a viewer brings by ${kind} is ready to start, with its rule, in the middle`, async () => {
      own("none")
      const page = await test.visit()
      await page.locator("#run").waitFor()
      await bring(page, kind, highLife)
      await untilText(page, "#drawn-text", "12 living cells are drawn.")
      assert.strictEqual(await page.locator("#rule").inputValue(), "B36/S23")
      await page.locator("#begin").click()
      const game = await asked(1)
      assert.deepStrictEqual(game.start, { type: "cells", rle: "13$15b3o$14bo2bo$13bo3bo$13bo2bo$13b3o14$32b!" })
    })

  it("A pattern that a viewer brings by its address is read from this server, and of another one a sentence says what to do", async () => {
    own("none")
    const page = await test.visit()
    await page.locator("#run").waitFor()
    await page.route("**/mine/*", (route) =>
      route.request().url().endsWith(".rle") ? route.fulfill({ body: highLife }) : route.abort()
    )
    await bring(page, "paste", "https://example.com/gun.rle")
    await untilText(page, "#toast", /^This page may not read what example\.com has: download the file, and drop it/)
    await bring(page, "paste", `${test.server.url}mine/nothing`)
    await untilText(page, "#toast", "There is no connection to the server now.")
    assert.isFalse(await page.locator("#start").isVisible())
    await bring(page, "paste", ` ${test.server.url}mine/replicator.rle\n`)
    await untilText(page, "#drawn-text", "12 living cells are drawn.")
  })

  it("A click on the grid of a paused game begins a drawing of it, with that cell changed, and Shift with a click does not", async () => {
    own("paused")
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column === 3)
    const page = await test.visit()
    await untilText(page, "#phase", "Paused")
    const { height, width } = (await page.locator("#grid").boundingBox())!
    // The centre is the corner of four cells.
    const position = { x: width / 2 + 5, y: height / 2 + 5 }
    await page.locator("#grid").click({ position, modifiers: ["Shift"] })
    await untilText(page, "#inspector", /^row 4, column 4: dead/)
    assert.isFalse(await page.locator("#drawing").isVisible())
    await page.locator("#grid").click({ position })
    await page.locator("#drawing-undo:enabled").waitFor()
    await page.locator("#drawing-done").click()
    await untilText(page, "#drawn-text", "2 living cells are drawn.")
    assert.strictEqual(await page.locator("#width").inputValue(), "8")
  })

  it("A pattern that a viewer brings that cannot be read is told in a sentence, and nothing opens", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    await bring(page, "paste", "x = 3, y = 3\n3q!")
    await untilText(page, "#toast", /^This pattern, line 2, column 2: found .+, expected .+\.$/)
    assert.isFalse(await page.locator("#start").isVisible())
  })

  it("A pattern that a viewer brings is chosen as a file, too", async () => {
    const page = await test.visit()
    await page.locator("#welcome button").click()
    await page.getByLabel("Drawn or loaded").check()
    const file = { name: "r.rle", mimeType: "text/plain", buffer: Buffer.from(highLife) }
    await page.locator("#pattern-file").setInputFiles(file)
    await untilText(page, "#drawn-text", "12 living cells are drawn.")
  })
})

describe("Steering from the page", () => {
  it("Steering from the page changes the cells of a paused game, and starts from them with its rule and edges", async () => {
    own("paused")
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column === 3, "B36/S23:P8,8")
    const page = await test.visit()
    await untilText(page, "#population", "1")
    await act(page, "edit")
    await page.locator("#drawing").waitFor()
    await page.locator("#grid").focus()
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Enter")
    await page.locator("#drawing-done").click()
    await page.locator("#begin").click()
    const { rule, start, topology, width } = await asked(1)
    assert.deepStrictEqual(
      { rule, start, topology, width },
      { rule: "B36/S23", start: { type: "cells", rle: "3$3b2o4$8b!" }, topology: "plane", width: 8 }
    )
  })

  it("a link opens the panel with the same game on another page", async () => {
    own("none")
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await page.locator("#run").waitFor()
    await bring(page, "paste", highLife)
    await untilText(page, "#drawn-text", /^12/)
    await page.locator("#edges").selectOption("klein")
    await page.locator("#start-link").click()
    await untilText(page, "#toast", /^The link was copied/)
    const link = await page.evaluate(() => navigator.clipboard.readText())
    await page.locator("#begin").click()
    const game = await asked(1)
    const other = await test.visitUrl(link)
    await other.locator("#start").waitFor()
    await untilText(other, "#drawn-text", /^12/)
    await untilText(other, "#begin", "Start this game")
    await other.locator("#begin").click()
    assert.deepStrictEqual(await asked(2), game)
    // A pattern of the library, which is loaded after the page.
    const third = await test.visit("#start=pattern:blinker&size=40x30&rule=B2/S&edges=plane&speed=20")
    await third.locator("#start").waitFor()
    await untilText(third, "#pattern-about", "The smallest oscillator.")
    assert.strictEqual(await third.locator("#height").inputValue(), "30")
    assert.strictEqual(await third.locator("#rule").inputValue(), "B2/S")
  })

  it("Steering from the page records a video of what is seen", async () => {
    const game = TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column >= 2 && column <= 4)
    const page = await test.visit()
    await untilText(page, "#generation", "0")
    await page.locator("#grid").focus()
    await page.keyboard.press("v")
    await page.locator("#recording").waitFor()
    // How soon the first pictures are in the video depends on the machine.
    for (let step = 1; !/\d k?B$/.test((await page.textContent("#recording-text")) ?? ""); step++) {
      game.advance()
      await untilText(page, "#generation", String(step))
    }
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#recording-stop").click()])
    assert.strictEqual(download.suggestedFilename(), "life.webm")
    const bytes = await readFile(await download.path())
    // The mark of Matroska, which WebM is.
    assert.strictEqual(bytes.subarray(0, 4).toString("hex"), "1a45dfa3")
    assert.isAbove(bytes.length, 1_000)
    await page.locator("#recording").waitFor({ state: "hidden" })
  })

  it("Steering from the page fills the screen with the grid and large figures, until Escape or the button", async () => {
    TestGame.running(test.server.state, 64, 40, (row, column) => (row + column) % 3 === 0)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    for (const leave of [() => page.keyboard.press("Escape"), () => page.locator("#leave-big").click()]) {
      await page.locator("#grid").focus()
      await page.keyboard.press("o")
      await page.locator("#leave-big").waitFor()
      await page.locator(".controls").waitFor({ state: "hidden" })
      // The browser resizes the window after the page has changed.
      await eventually(async () => {
        const size = await page.locator("#generation").evaluate((figure) => getComputedStyle(figure).fontSize)
        assert.isAtLeast(Number.parseFloat(size), 50)
        const { height, width } = (await page.locator("#grid").boundingBox())!
        const screen = await page.evaluate(() => innerWidth * innerHeight)
        assert.isAbove((width * height) / screen, 0.65)
      })
      await leave()
      await page.locator(".controls").waitFor()
    }
  })
})

describe("Links to games", () => {
  const game = FastCheck.record({
    width: FastCheck.integer({ min: 1, max: 1_000 }),
    height: FastCheck.integer({ min: 1, max: 1_000 }),
    rule: FastCheck.constantFrom("B3/S23", "B2-a/S12", "B36/S23"),
    topology: FastCheck.constantFrom("torus", "plane", "T32+1,32"),
    speed: FastCheck.constantFrom(0.5, 10, 1_000),
    start: FastCheck.oneof(
      FastCheck.record({ type: FastCheck.constant("pattern" as const), name: FastCheck.constantFrom("a b", "x&y=z#") }),
      FastCheck.record({ type: FastCheck.constant("random" as const), density: FastCheck.constantFrom(0.25, 0.4) }),
      FastCheck.record({
        type: FastCheck.constant("cells" as const),
        rle: FastCheck.constantFrom("2bo$!", "!", "3.pAB$xO!")
      })
    )
  })

  it.prop("Links to games read back", [game], ([value]) => {
    assert.deepStrictEqual(parseStartLink(formatStartLink(value)!), value)
  })

  it.prop("Links to games are read without harm, whatever they hold", [FastCheck.string()], ([hash]) => {
    parseStartLink(`#start=${hash}&size=${hash}`)
  })

  it("Links to games leave out what cannot be meant", () => {
    for (const hash of ["", "#start=pattern:a", "#start=cells:<b>&size=3x3", "#start=random:2&size=3x3"])
      assert.isUndefined(parseStartLink(hash), hash)
    assert.isUndefined(parseStartLink("#start=pattern:a&size=9999x9999"))
  })
})
