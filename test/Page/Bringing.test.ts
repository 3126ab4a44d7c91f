import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { Page } from "playwright-core"
import type { GameRequest } from "../../src/Protocol/Control.ts"
import { formatStartLink, parseStartLink } from "../../static/watch/Model/StartLink.ts"
import { act, eventually, harness, openPanel, untilText } from "./Harness.ts"
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

/** Simulates what a browser does when a text or files are pasted or dropped. */
const bring = (page: Page, kind: "paste" | "drop", text: string, files = kind === "drop" ? 1 : 0) =>
  page.evaluate(
    ({ files, kind, text }) => {
      const data = new DataTransfer()
      if (files === 0) data.setData("text/plain", text)
      for (let number = 1; number <= files; number++) data.items.add(new File([text], `replicator-${number}.rle`))
      const options = { bubbles: true, cancelable: true }
      document
        .querySelector("#grid")!
        .dispatchEvent(
          kind === "paste"
            ? new ClipboardEvent("paste", { ...options, clipboardData: data })
            : new DragEvent("drop", { ...options, dataTransfer: data })
        )
    },
    { files, kind, text }
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
    // What was wrong before is not with this one. The keys begin at the source that is chosen.
    assert.isFalse(await page.locator("#toast").isVisible())
    assert.isTrue(await page.evaluate(() => document.activeElement?.matches('[name="source"][value="drawn"]:checked')))
  })

  for (const kind of ["paste", "drop"] as const)
    it(`A pattern that a viewer brings by ${kind} of a link is the game that the link starts, and a broken link is told in a sentence`, async () => {
      own("none")
      const page = await test.visit()
      await page.locator("#run").waitFor()
      const link = (size: string) => `https://example.com/#start=cells:3o!&size=${size}&rule=B36/S23&edges=plane`
      await bring(page, kind, link("-4"), 0)
      await untilText(page, "#toast", /^This link starts no game: its part “size” is “-4”, expected columns and rows/)
      assert.isFalse(await page.locator("#start").isVisible())
      await bring(page, kind, link("9x7"), 0)
      await untilText(page, "#drawn-text", "3 living cells are drawn.")
      assert.strictEqual(await page.locator("#rule").inputValue(), "B36/S23")
      assert.strictEqual(await page.locator("#height").inputValue(), "7")
    })

  for (const kind of ["paste", "drop"] as const)
    it(`A pattern that a viewer brings by ${kind} of several files is the first, and a sentence says so, also if there is nothing`, async () => {
      own("none")
      const page = await test.visit()
      await page.locator("#run").waitFor()
      await bring(page, kind, " \n", 0)
      await untilText(page, "#toast", kind === "paste" ? /^There is no text to paste/ : /^Nothing here can be read/)
      await bring(page, kind, highLife, 3)
      await untilText(page, "#toast", "One pattern at a time: of the 3 files this is “replicator-1.rle”.")
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
    // It goes on as fast as the game.
    assert.strictEqual(await page.locator("#speed").inputValue(), "20")
  })

  it("A pattern that a viewer brings that cannot be read is told in a sentence, and nothing opens or changes", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    for (const [text, sentence] of [
      ["x = 3, y = 3\n3q!", /^This pattern, line 2, column 2: found .+, expected .+\.$/],
      ["x = 3, y = \n3o!", /line 1, column 12: found the end of the line, expected the header x = WIDTH/],
      ["<!DOCTYPE html>\n<p>gun", /found a web page, expected a pattern: open the page again and save/],
      ["\n  The quick brown fox jumps over the lazy dog.\n", /line 2, column 1: found "The quick brown fox/],
      ["oh no", /found "oh no", expected a pattern: RLE/],
      ['{\n "name": "glider", "size": 3\n}', /line 1, column 1: found "{", expected a pattern: RLE/],
      ["\u0089PNG\r\n\u001a\n\0\0\0", /found bytes that are not text, expected a pattern: RLE/],
      ["x = 5, y = 5\n5b$5b!", "This pattern has no living cells."],
      ["o".repeat(9_000_000), "This is too long for a pattern: it has 9 MB, and 8 is the most."],
      ["x = 2, y = 2\no1999b$1999$2000bo!", /^This pattern is too large: it needs 2,001 columns and 2,001 rows,/]
    ] as const)
      for (const kind of ["paste", "drop"] as const) {
        await page.locator("#toast").evaluate((toast) => {
          toast.textContent = ""
        })
        await bring(page, kind, text)
        await untilText(page, "#toast", sentence)
        assert.isFalse(await page.locator("#start").isVisible())
      }
    await openPanel(page)
    assert.strictEqual(await page.locator("#width").inputValue(), "32")
  })

  it("A drawing that a pattern, a link or another drawing takes the place of is there again, with its size and its rule", async () => {
    own("none")
    const page = await test.visit()
    await page.locator("#run").waitFor()
    await act(page, "edit")
    await page.locator("#drawing").waitFor()
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Enter")
    await page.locator("#drawing-done").click()
    await untilText(page, "#drawn-text", "1 living cell is drawn.")
    assert.isFalse(await page.locator("#drawn-back").isVisible())
    await bring(page, "drop", highLife.replace("x = 5", "x = 40"))
    await untilText(page, "#drawn-text", "12 living cells are drawn.")
    await page.locator("#drawn-back").click()
    await untilText(page, "#drawn-text", "1 living cell is drawn.")
    assert.strictEqual(await page.locator("#rule").inputValue(), "B3/S23")
    assert.strictEqual(await page.locator("#width").inputValue(), "32")
    assert.isFalse(await page.locator("#drawn-back").isVisible())
    // A link that is followed while one draws.
    await page.locator("#draw").click()
    await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("Enter")
    await page.evaluate(() => {
      location.hash = "#start=cells:3o!&size=9x9&rule=B36/S23"
    })
    await untilText(page, "#drawn-text", "3 living cells are drawn.")
    await page.locator("#drawn-back").click()
    await untilText(page, "#drawn-text", "2 living cells are drawn.")
    assert.strictEqual(await page.locator("#width").inputValue(), "32")
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

describe("The view of the whole screen", () => {
  it("The view of the whole screen stays when it is shown again before the browser has left the full screen", async () => {
    TestGame.running(test.server.state, 8, 8, () => true)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await page.locator("#grid").focus()
    await page.keyboard.press("o")
    await page.waitForFunction(() => document.fullscreenElement !== null)
    await page.evaluate(async () => {
      // On a busy machine the event of entering may come only now.
      const left = new Promise<void>((resolve) =>
        document.addEventListener("fullscreenchange", () => {
          if (document.fullscreenElement === null) resolve()
        })
      )
      for (const key of ["Escape", "o"])
        document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))
      await left
    })
    await page.locator(".controls").waitFor({ state: "hidden" })
    assert.isTrue(await page.locator("#leave-big").isVisible())
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

  it("Links to games say which part cannot be meant", () => {
    for (const hash of ["", "#theme=hue&view=1,2,3,4"]) assert.isUndefined(parseStartLink(hash), hash)
    for (const [hash, sentence] of [
      ["#start=pattern:a", /its part “size” is missing, expected columns and rows such as 64x32/],
      ["#start=cells:<b>&size=3x3", /its part “start” is “cells:<b>”, expected pattern:NAME/],
      ["#start=random:2&size=3x3", /its part “start” is “random:2”/],
      ["#start=pattern:a&size=9999x9999", /its part “size” is “9999x9999”, .+ at most 1,000,000 cells\.$/],
      ["#start=pattern:a&size=9x9&speed=-1", /its part “speed” is “-1”/]
    ] as const)
      assert.match(String(parseStartLink(hash)), sentence, hash)
  })

  it("Links to games with what this server does not have are told where it is, and the panel opens all the same", async () => {
    own("none")
    const page = await test.visit("#start=pattern:nothing&size=40x30&rule=B3/S29&edges=sphere")
    await page.locator("#start").waitFor()
    await untilText(page, "#toast", "This server has no pattern “nothing”: choose another one.")
    await untilText(page, "#rule-problem", /^Not a rule: found 9/)
    await page.locator("#rule").fill("B3/S23")
    await untilText(page, "#rule-problem", /^Not these edges: a sphere needs a width equal to its height/)
    assert.isTrue(await page.locator("#begin").isDisabled())
    await page.evaluate(() => {
      location.hash = "#start=cells:3b3$zq&size=9x9"
    })
    await untilText(page, "#toast", /^This link starts no game: its part “start” is “cells:3b3\$zq”/)
    await page.evaluate(() => {
      location.hash = "#start=cells:3bo0o!&size=9x9"
    })
    await untilText(page, "#toast", /^This pattern, line 2, column 4: found a count that starts with 0/)
    await untilText(page, "#drawn-text", "Nothing is drawn yet.")
    await untilText(page, "#start-problem", "Draw some living cells first.")
  })
})
