/** The pages of the programs as users start them: `serve`, `demo`, `life replay`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BrowserContextOptions, Page } from "playwright-core"
import * as PatternText from "../../src/Life/Pattern/PatternText.ts"
import * as Grid from "../../src/Life/Universe/Grid.ts"
import * as RuleText from "../../src/Life/Universe/RuleText.ts"
import { readPatternList } from "../../src/Protocol/PatternList.ts"
import { gameBlock } from "../../src/Protocol/Recording.ts"
import { RecordingWriter } from "../../src/Protocol/RecordingWriter.ts"
import * as ServerProcess from "../Server/ServerProcess.ts"
import { launch, open } from "./Browser.ts"
import { act, notingTexts, untilText } from "./Harness.ts"

/** Runs a command until the scope closes. Returns its address, with a slash at the end, and the process. */
const program = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const server = yield* ServerProcess.start([...args, "--host", "127.0.0.1", "--port", "0"])
    const [, address = ""] = yield* Effect.promise(() => server.printed(/(http:\/\/127\.0\.0\.1:\d+\/)/))
    return { address, server }
  })

/** A page at an address, until the scope closes. Uncaught errors of the page are in `errors`. */
const visit = (address: string, options: BrowserContextOptions = {}) =>
  Effect.acquireRelease(
    Effect.promise(async () => open(await launch(), address, options)),
    ({ page }) => Effect.promise(() => page.context().close())
  )

/** A recording of a blinker on 5 x 5. */
const blinker = (steps: number): Uint8Array => {
  const writer = new RecordingWriter(25, 2)
  const blocks = [gameBlock({ width: 5, height: 5, topology: "B3/S23:T5,5", begun: 0, stateCount: 2 })]
  for (let step = 0; step < steps; step++) {
    const alive = step % 2 === 0 ? [7, 12, 17] : [11, 12, 13]
    for (let index = 0; index < 25; index++) writer.record(index, step, alive.includes(index) ? 1 : 0)
    blocks.push(writer.news(step * 100))
  }
  return Buffer.concat(blocks)
}

const recording = (bytes: Uint8Array) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-page-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    ),
    (folder) => {
      const file = join(folder, "blinker.c10k")
      writeFileSync(file, bytes)
      return file
    }
  )

/** Makes changes again that were undone, also by the keys of habit. The drawing is begun by one button. Dying cells can be drawn. */
const redo = async (page: Page) => {
  await act(page, "edit")
  await page.locator("#drawing").waitFor()
  // The example is no longer there to be taken for the drawing, and there are no cells of a game to take.
  assert.isFalse(await page.locator("#welcome").isVisible())
  assert.isTrue(await page.locator("#drawing-take").isDisabled())
  await page.keyboard.press("Shift+ArrowUp")
  await page.keyboard.press("Enter")
  await page.keyboard.press("Shift+ArrowRight")
  await page.keyboard.press("Enter")
  await page.keyboard.press("Control+z")
  await page.keyboard.press("Control+z")
  await page.locator("#drawing-undo:disabled").waitFor()
  await page.keyboard.press("Control+Shift+Z")
  // Also after a click on a button beside the grid.
  await page.locator("#drawing-redo").focus()
  await page.keyboard.press("Control+y")
  await page.locator("#drawing-redo:disabled").waitFor()
  await page.locator("#drawing-done").click()
  await untilText(page, "#drawn-text", "2 living cells are drawn.")
  // A dying cell is not counted as a living one.
  await page.locator("#rule").fill("/2/3")
  await page.locator("#draw").click()
  await page.locator("#drawing-ink").selectOption("2")
  await page.locator("#grid").press("Shift+ArrowRight")
  await page.keyboard.press("Enter")
  await page.locator("#drawing-done").click()
  await untilText(page, "#drawn-text", "2 living cells and 1 dying one are drawn.")
}

describe("The page of serve", () => {
  it.scopedLive(
    "The page of serve shows an example and a large button without a game and for an unknown one, undoes and redoes what is drawn, and has the name of a game",
    () =>
      Effect.gen(function* () {
        const { address } = yield* program("serve")
        for (const [path, words] of [
          ["", /There is no game on this server yet/],
          ["games/nix/", /There is no game “nix”/]
        ] as const) {
          const { errors, page } = yield* visit(`${address}${path}`)
          yield* Effect.promise(async () => {
            await page.locator("#welcome button").waitFor()
            await untilText(page, "#welcome-text", words)
            await untilText(page, "#phase", "No game yet")
            // The grid that a server has before its first game is not shown as a game.
            for (const id of ["population", "generation"]) assert.strictEqual(await page.textContent(`#${id}`), "–")
            await page.waitForFunction(() => !/\d/.test(document.title))
            const picture = () => page.locator("#canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
            const before = await picture()
            await page.waitForFunction(
              (before) => document.querySelector<HTMLCanvasElement>("#canvas")!.toDataURL() !== before,
              before
            )
            assert.deepStrictEqual(errors, [])
          })
        }
        const { page } = yield* visit(address)
        yield* Effect.promise(() => redo(page))
        const url = `${address.replace("http", "ws")}games/two/`
        yield* ServerProcess.start(["life", "--url", url, "-s", "5", "-p", "blinker", "-l", "50", "--quiet"])
        yield* Effect.promise(async () => {
          await page.goto(`${address}games/two/`)
          await page.waitForFunction(() => document.title === "two: Game of Life 5x5")
          await untilText(page, "#headline", "25 WebSocket clients in lockstep")
          await untilText(page, "#name", "two")
          await page.locator("header").getByRole("link", { name: "Games" }).click()
          await page.waitForURL(`${address}games/`)
        })
      })
  )

  it.scopedLive(
    "The page of serve says of a game for which the server has no room what to do, and offers no command",
    () =>
      Effect.gen(function* () {
        const { address } = yield* program("serve", "--max-games", "1")
        const play = (name: string) => [
          ...["life", "--url", `${address.replace("http", "ws")}games/${name}/`, "-s", "5", "-p", "blinker"],
          ...["-l", "50", "--quiet"]
        ]
        yield* ServerProcess.start(play("one"))
        const { errors, page } = yield* visit(`${address}games/one/`)
        const starts = page.locator('[data-action="start"]:visible, .controls [data-action="edit"]:visible')
        yield* Effect.promise(async () => {
          await untilText(page, "#phase", "Running")
          assert.isAbove(await starts.count(), 0)
          await page.goto(`${address}games/two/`)
          await untilText(
            page,
            "#welcome-text",
            /^There is no game “two” on this server, and it can’t be started: the server has 1 game, the most that it takes\./
          )
          await untilText(page, "#phase", "No game yet")
          await page.locator("#welcome-text").waitFor()
          assert.strictEqual(await starts.count(), 0)
          assert.isFalse(await page.locator("#overlay").isVisible())
          await page.keyboard.press("n")
          assert.isFalse(await page.locator("#start").isVisible())
          assert.deepStrictEqual(errors, [])
        })
        // What the page says is so.
        const refused = yield* ServerProcess.start(play("two"))
        assert.notStrictEqual(yield* Effect.promise(() => refused.ended), 0)
      })
  )
})

describe("The page of demo", () => {
  it.scopedLive("The page of demo pauses the run by Space, also before the run has begun", () =>
    Effect.gen(function* () {
      const { address } = yield* program("demo", "-s", "16", "-p", "glider", "-l", "5", "--connect-rate", "60")
      const { page } = yield* visit(address)
      yield* Effect.promise(async () => {
        await page.keyboard.press("Space")
        await untilText(page, "#play-label", "Resume")
        await untilText(page, "#phase", "Paused")
        await act(page, "play")
        await untilText(page, "#phase", "Running")
      })
    })
  )
})

describe("The page of a slow demo", () => {
  it.scopedLive(
    "The page of a slow demo measures no rate before the first step, is not stalled, and skips no step",
    () =>
      Effect.gen(function* () {
        const { address } = yield* program("demo", "-s", "8", "-p", "blinker", "-l", "0.15")
        const { page } = yield* visit(address)
        yield* Effect.promise(async () => {
          await untilText(page, "#generation", "0")
          const said = await page.evaluateHandle(() => {
            const said: Array<string> = []
            const text = (id: string) => document.getElementById(id)!.textContent ?? ""
            new MutationObserver(() => {
              if (text("generation") === "0" && text("steps-rate") !== "–") said.push(text("steps-rate"))
              said.push(text("drawn"))
              if (text("phase") === "Stalled") said.push("stalled")
            }).observe(document.body, { childList: true, subtree: true, characterData: true })
            return said
          })
          await untilText(page, "#generation", "2")
          await untilText(page, "#steps-rate", /^0\.1/)
          assert.deepStrictEqual([...new Set(await said.jsonValue())], [""])
        })
      })
  )
})

/** A phone that lies. */
const lying = { viewport: { width: 844, height: 390 }, isMobile: true, hasTouch: true }

/** These controls are seen without a scroll. */
const seesAll = async (page: Page, controls: string) => {
  await page.evaluate(() => scrollTo(0, 0))
  for (const control of await page.locator(`${controls} :is(button, select):visible`).all()) {
    const { height, y } = (await control.boundingBox())!
    assert.isTrue(y >= 0 && y + height <= page.viewportSize()!.height, (await control.textContent()) ?? "")
  }
}

describe("The page of demo on little room", () => {
  it.scopedLive(
    "The page of demo on little room has every control on a phone that lies, and at 400 % zoom a dialog has room beside its answers",
    () =>
      Effect.gen(function* () {
        const { address } = yield* program("demo", "-s", "16", "-p", "glider", "-l", "5")
        const { page } = yield* visit(address, lying)
        // As an engine has a window of 1280 x 1024 that is zoomed.
        const zoomed = yield* visit(address, { viewport: { width: 320, height: 256 } })
        yield* Effect.promise(async () => {
          await untilText(page, "#phase", "Running")
          await seesAll(page, ".controls > *")
          // Those of a drawing too, with selected cells and a rule of dying ones.
          await act(page, "edit")
          await page.locator("#drawing-select").click()
          await page.locator("#selected-drop").waitFor()
          await seesAll(page, "#drawing")
          await page.locator("#drawing-done").click()
          await page.locator("#rule").fill("/2/3")
          await page.locator("#draw").click()
          await page.locator("#drawing-ink").waitFor()
          await page.locator("#drawing-select").click()
          await page.locator("#selected-drop").waitFor()
          await seesAll(page, "#drawing")
          await page.locator("#drawing-done").click()
          await page.locator("#start-close").click()
          // The large view has no column beside the grid.
          await page.locator("#grid").press("o")
          await page.locator("#leave-big").waitFor()
          await page.waitForFunction(() => document.querySelector("#grid")!.clientWidth === innerWidth)
          await untilText(zoomed.page, "#phase", "Running")
          await zoomed.page.locator('header [data-action="help"]').click()
          const help = zoomed.page.locator("#help")
          assert.isAbove((await help.locator("form").boundingBox())!.y, (await help.boundingBox())!.height)
        })
      })
  )
})

/** At first sight, without a scroll: what it is, how many clients there are, and what they and the relay do. */
const seesClients = async (page: Page, viewport: { readonly width: number; readonly height: number }) => {
  await untilText(page, "#headline", "256 WebSocket clients in lockstep")
  await untilText(page, "#workers", "256")
  await untilText(page, "#messages-rate", /^[1-9]/)
  await untilText(page, "#latency", /^[\d.,]+ (µs|ms|s)$/)
  for (const id of ["headline", "workers", "messages-rate", "latency", "phase", "canvas"]) {
    const box = (await page.locator(`#${id}`).boundingBox())!
    assert.isTrue(box.y >= 0 && box.y + box.height <= viewport.height, id)
    assert.isTrue(box.x >= 0 && box.x + box.width <= viewport.width, id)
  }
}

describe("A run that a viewer breaks", () => {
  it.scopedLive(
    "A run that a viewer breaks is seen at first sight, waits for the clients that are disconnected or frozen, and goes on without a lost cell",
    () =>
      Effect.gen(function* () {
        const { address, server } = yield* program("demo", "-s", "16", "-p", "glider", "-l", "20", "--check")
        const { errors, page } = yield* visit(address)
        const phone = { width: 390, height: 844 }
        const small = yield* visit(address, { viewport: phone })
        yield* Effect.promise(async () => {
          await seesClients(small.page, phone)
          await small.page.close()
          await seesClients(page, { width: 1280, height: 720 })
          await untilText(page, "#phase", "Running")
          await untilText(page, "#generation", /^[1-9]/)
          // The client of a cell: its connection, and what it publishes and gets.
          await page.keyboard.press("Shift+ArrowUp")
          await untilText(page, "#client-title", "The client of row 7, column 8")
          await untilText(page, "#client-connection", /^number [\d,]+, subscribed to 8 cells$/)
          await untilText(page, "#client-messages", /→ \d+ 7 8 [01]/)
          await untilText(page, "#client-messages", /← \d+ (6 [789]|7 [79]|8 [789]) [01]/)
          const connection = await page.textContent("#client-connection")
          for (const [id, said, least] of [
            ["disconnect-one", /^One client is disconnected, and back in 4 s/, 255],
            ["disconnect-some", /^100 clients are disconnected, and back in 4 s/, 156],
            ["disconnect-all", /^256 clients are disconnected, and back in 4 s/, 0],
            ["freeze-one", /^One client is frozen for 5 s/, 256],
            [
              "kill",
              /^256 clients were in one process, which was killed. It starts again in 2 s, and every cell resumes/,
              0
            ]
          ] as const) {
            await page.locator("#break").click()
            // They are away for some seconds only.
            const [toast, legend, workers, phase, client] = [
              await notingTexts(page, "#toast"),
              await notingTexts(page, "#legend"),
              await notingTexts(page, "#workers"),
              await notingTexts(page, "#phase"),
              await notingTexts(page, "#client-connection")
            ]
            await page.locator(`#${id}`).click()
            await toast.until(said)
            if (least < 256) {
              await workers.until(String(least))
              await phase.until("Clients lost")
            }
            if (id === "disconnect-one") {
              await client.until("none now: it is away")
              assert.notInclude(await client.all(), "at another process of the server")
            }
            // The colours show who waits.
            await legend.until(/^No clock drives the cells: orange ones are behind/)
            await toast.until(/^All 256 clients are in lockstep again, at generation [1-9]/)
            await page.waitForFunction(() => document.querySelector<HTMLSelectElement>("#theme")!.value === "age")
            await untilText(page, "#phase", "Running")
          }
          // It came back over other connections.
          await untilText(page, "#client-connection", /^number /)
          assert.notStrictEqual(await page.textContent("#client-connection"), connection)
          await page.locator("#client-close").click()
          await page.locator("#client").waitFor({ state: "hidden" })
          // The cells of a drawing have no clients, also if it is as large as the game.
          await page.locator("#grid").focus()
          await page.keyboard.press("Shift+ArrowUp")
          await page.locator("#client").waitFor()
          await act(page, "edit")
          await page.locator("#client").waitFor({ state: "hidden" })
          assert.deepStrictEqual(errors, [])
          // The referee has compared every cell of every step.
          server.child.kill("SIGINT")
          await server.printed(/interrupted at step \d+;.*steps compared with a simulation, all cells right/)
          assert.strictEqual(await server.ended, 130)
        })
      })
  )
})

/** Simulates what a browser does when a text is pasted. */
const paste = (page: Page, text: string) =>
  page.evaluate((text) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData("text/plain", text)
    document
      .querySelector("#grid")!
      .dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }))
  }, text)

describe("The patterns of serve", () => {
  it.scopedLive(
    "The patterns of serve are files at addresses of their own, which a page takes when they are pasted",
    () =>
      Effect.gen(function* () {
        const { address } = yield* program("serve")
        const { errors, page } = yield* visit(address)
        yield* Effect.promise(async () => {
          const list = readPatternList(await (await fetch(`${address}patterns.json`)).json())!
          assert.isAbove(list.patterns.length, 50)
          for (const { name, rows, rule = "B3/S23" } of list.patterns) {
            const answer = await fetch(`${address}patterns/${name}.rle`)
            assert.strictEqual(answer.headers.get("content-type"), "text/plain; charset=utf-8")
            const pattern = Either.getOrThrow(PatternText.read(await answer.text(), name))
            assert.deepStrictEqual(Grid.toRows(pattern.grid), rows)
            assert.strictEqual(pattern.rule && RuleText.format(pattern.rule), rule)
          }
          for (const name of ["nothing.rle", "glider", "..%2fLICENSE", ""])
            assert.strictEqual((await fetch(`${address}patterns/${name}`)).status, 404, name)
          await untilText(page, "#phase", "No game yet")
          await paste(page, `${address}patterns/brain-glider.rle`)
          await untilText(page, "#drawn-text", /\d living cells and \d dying ones? are drawn\./)
          assert.strictEqual(await page.inputValue("#rule"), "/2/3")
          await page.keyboard.press("Escape")
          await paste(page, `${address}patterns/gosper.rle`)
          await untilText(page, "#drawn-text", "36 living cells are drawn.")
          assert.strictEqual(await page.inputValue("#edges"), "plane")
          assert.deepStrictEqual(errors, [])
          await paste(page, `${address}patterns/nothing.rle`)
          await untilText(page, "#toast", "This server has no pattern at /patterns/nothing.rle.")
        })
      })
  )
})

describe("A pattern that is pasted into the page of demo", () => {
  it.scopedLive(
    "A pattern that is pasted into the page of demo is played and edited on the edges that it asks for, and a gun gets open ones and room",
    () =>
      Effect.gen(function* () {
        const { address } = yield* program("demo", "-s", "9", "-p", "glider", "-l", "5")
        const { errors, page } = yield* visit(address)
        yield* Effect.promise(async () => {
          for (const [edges, title, universe] of [
            ["T30+5,20", "Game of Life 30x20", "B3/S23, torus shifted by 5"],
            ["K20*,20", "Game of Life 20x20", "B3/S23, Klein bottle"],
            ["P24,18", "Game of Life 24x18", "B3/S23, plane"],
            ["C12,12", "Game of Life 12x12", "B3/S23, cross-surface"],
            ["S14", "Game of Life 14x14", "B3/S23, sphere"]
          ] as const) {
            await paste(page, `x = 3, y = 3, rule = B3/S23:${edges}\nbob$2bo$3o!`)
            await page.locator("#begin:enabled").click()
            await page.waitForFunction((title) => document.title === title, title)
            await untilText(page, "#universe", universe)
            await untilText(page, "#population", "5")
          }
          // The same edges again, from the cells of the game.
          await paste(page, "x = 3, y = 3, rule = B3/S23:T30+5,20\nbob$2bo$3o!")
          await page.locator("#begin:enabled").click()
          await untilText(page, "#universe", "B3/S23, torus shifted by 5")
          await untilText(page, "#population", "5")
          await act(page, "edit")
          await page.locator("#drawing-done").click()
          assert.strictEqual(await page.locator("#edges").inputValue(), "T30+5,20")
          // A larger grid keeps the shift.
          await page.locator("#width").fill("40")
          await page.locator("#begin:enabled").click()
          await page.waitForFunction(() => document.title === "Game of Life 40x20")
          await untilText(page, "#universe", "B3/S23, torus shifted by 5")
          // A gun gets open edges and room.
          await paste(page, "#N Gosper glider gun\nx = 36, y = 9, rule = B3/S23\n24bo11b$22bobo11b!")
          await page.locator("#start").waitFor()
          assert.strictEqual(await page.locator("#edges").inputValue(), "plane")
          assert.isAtLeast(Number(await page.locator("#width").inputValue()), 64)
          // Another pattern without edges of its own is not on those of the gun.
          await page.keyboard.press("Escape")
          await paste(page, "x = 3, y = 1\n3o!")
          await page.waitForFunction(() => document.querySelector<HTMLSelectElement>("#edges")!.value === "torus")
          assert.deepStrictEqual(errors, [])
        })
      })
  )
})

describe("The page of life replay", () => {
  it.scopedLive("The page of life replay runs and comes to its end, and its last generation can be saved", () =>
    Effect.gen(function* () {
      const file = yield* recording(blinker(900))
      // So slowly that it does not end before the page is open, however slow the machine is.
      const { address } = yield* program("life", "replay", file, "--speed", "2")
      const { errors, page } = yield* visit(address)
      const small = yield* visit(address, lying)
      yield* Effect.promise(async () => {
        await untilText(page, "#phase", "Running")
        // Its whole length at once; it pauses, goes to any step while paused, and goes on from there at another speed.
        await untilText(page, "#replay-shown", /^Step \d+ of 899$/)
        await untilText(page, "#headline", "A recording of 25 WebSocket clients")
        // What only a live game has is not there.
        assert.strictEqual(
          await page.locator(':is(.latency, [data-action="start"], [data-action="edit"]):visible').count(),
          0
        )
        await page.locator("#grid").press("n")
        assert.strictEqual(await page.locator("dialog[open]").count(), 0)
        await act(page, "play")
        await untilText(page, "#phase", "Paused")
        for (const step of ["150", "30"]) {
          await page.locator("#replay-range").fill(step)
          await untilText(page, "#generation", step)
          await untilText(page, "#phase", "Paused")
        }
        await act(page, "forward")
        await untilText(page, "#generation", "31")
        await page.locator("#replay-loops").check()
        await page.locator("#run-speed").selectOption("1000")
        await page.locator("#replay-range").fill("880")
        await untilText(page, "#generation", "880")
        await act(page, "play")
        // It begins again at its end, until that is no longer wanted.
        await page.waitForFunction(() => Number(document.querySelector("#generation")!.textContent) < 800)
        await page.locator("#replay-loops").uncheck()
        await untilText(page, "#phase", "Ended")
        await untilText(page, "#generation", "899")
        await small.page.locator("#again").waitFor()
        await seesAll(small.page, ".controls > *")
        const download = page.waitForEvent("download")
        await act(page, "save-rle")
        assert.strictEqual((await download).suggestedFilename().endsWith(".rle"), true)
        // "Again" plays it once more, and again and again, so that a busy page sees its beginning too.
        await page.locator("#replay-loops").check()
        await page.locator("#again").click()
        await page.waitForFunction(() => Number(document.querySelector("#generation")!.textContent) < 800)
        assert.deepStrictEqual(errors, [])
      })
    })
  )
})
