import { assert, describe, it } from "@effect/vitest"
import type { BrowserContextOptions, Page } from "playwright-core"
import { act, choose, eventually, harness, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const lying: BrowserContextOptions = { ...phone, viewport: { width: 844, height: 390 } }
const desk: BrowserContextOptions = { viewport: { width: 1280, height: 800 } }
const wall: BrowserContextOptions = { viewport: { width: 1920, height: 1080 } }

/** In whole pixels: heights of lines have fractions. */
const place = async (page: Page, selector: string) => {
  const { height, width, x, y } = (await page.locator(selector).boundingBox())!
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) }
}

/** The elements that cover the canvas, tested at several points. */
const coverings = (page: Page) =>
  page.evaluate(() => {
    const { height, left, top, width } = document.querySelector("#canvas")!.getBoundingClientRect()
    const found = new Set<string>()
    for (let row = 1; row < 20; row++)
      for (let column = 1; column < 20; column++) {
        const y = top + (row * height) / 20
        if (y >= innerHeight) continue
        const element = document.elementFromPoint(left + (column * width) / 20, y)
        if (element?.closest("#grid") === null) found.add(element.id || element.tagName)
      }
    return [...found]
  })

/** The texts that do not fit their elements. For a list, its longest entry counts. */
const truncated = (page: Page) =>
  page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d")!
    const visible = (element: Element) => element.checkVisibility({ visibilityProperty: true })
    const cut: Array<string> = []
    for (const list of document.querySelectorAll("select")) {
      if (!visible(list)) continue
      const style = getComputedStyle(list)
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
      const room = list.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
      // The arrow is as wide as the text is high.
      const longest = Math.max(...[...list.options].map(({ text }) => context.measureText(text).width))
      if (longest + Number.parseFloat(style.fontSize) > room + 1) cut.push(`${list.id}: ${longest} in ${room}`)
    }
    for (const field of document.querySelectorAll<HTMLInputElement>("input[placeholder]")) {
      if (!visible(field)) continue
      const style = getComputedStyle(field)
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
      const room = field.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight)
      const { width } = context.measureText(field.placeholder)
      if (width > room) cut.push(`${field.id}: ${width} in ${room}`)
    }
    for (const element of document.querySelectorAll<HTMLElement>(
      "button, .chip, dt, dd, label, .notes p, output, h1"
    )) {
      if (!visible(element)) continue
      const box = element.getBoundingClientRect()
      if (element.scrollWidth > element.clientWidth + 1 || box.right > innerWidth + 1 || box.left < -1)
        cut.push(`${element.id || element.textContent}: ${element.scrollWidth} in ${element.clientWidth}`)
    }
    return cut
  })

const inspect = async (page: Page) => {
  await page.locator("#grid").focus()
  await page.keyboard.press("Shift+ArrowUp")
  await untilText(page, "#inspector", /^row/)
}

describe("The layout of the watch page", () => {
  for (const [name, screen] of Object.entries({ phone, lying, desk }))
    it(`The layout of the watch page covers no cells, on a ${name}`, async () => {
      const { state } = test.server
      state.reset(20, 20)
      state.setCounts(100, 0)
      const page = await test.visit("", screen)
      await untilText(page, "#overlay-text", /^100 of 400/)
      assert.deepStrictEqual(await coverings(page), [])
      TestGame.running(state, 20, 20, scattered)
      await untilText(page, "#phase", "Running")
      await inspect(page)
      assert.deepStrictEqual(await coverings(page), [])
      await page.keyboard.press("n")
      await page.getByLabel("Drawn or loaded").check()
      await page.getByRole("button", { name: "Draw on the grid" }).click()
      await page.locator("#drawing").waitFor()
      assert.deepStrictEqual(await coverings(page), [])
      await page.keyboard.press("Escape")
      await page.locator("#start-close").click()
      await test.server.stop()
      await page.locator("#link").waitFor()
      assert.deepStrictEqual(await coverings(page), [])
    })

  for (const [name, screen] of Object.entries({ phone, lying, desk, wall }))
    it(`The layout of the watch page cuts no text, on a ${name}`, async () => {
      test.server.list = { ...test.server.list, hasControl: true }
      test.server.control = { type: "state", game: "paused", speed: 10 }
      TestGame.running(test.server.state, 100, 100, scattered)
      const page = await test.visit("", screen)
      await untilText(page, "#phase", "Paused")
      assert.deepStrictEqual(await truncated(page), [])
      await page.locator('[popovertarget="view-menu"]').click()
      assert.deepStrictEqual(await truncated(page), [], "view")
      // The phone is turned while the menu is open.
      if (name === "phone") await page.setViewportSize({ width: 844, height: 390 })
      await eventually(async () => {
        const { height, y } = await place(page, "#view-menu")
        assert.isAtLeast(y, 0)
        assert.isAtMost(y + height, await page.evaluate(() => innerHeight))
      })
      if (name === "phone") await page.setViewportSize({ width: 390, height: 844 })
      await page.locator('[popovertarget="save-menu"]').click()
      assert.deepStrictEqual(await truncated(page), [], "save")
      await page.keyboard.press("Escape")
      await act(page, "freeze")
      assert.deepStrictEqual(await truncated(page), [], "past")
      await act(page, "time")
      await page.locator("#timeline").waitFor()
      assert.deepStrictEqual(await truncated(page), [], "time")
      await act(page, "time")
      await page.locator('header [data-action="start"]').click()
      assert.deepStrictEqual(await truncated(page), [], "start")
      await page.keyboard.press("Escape")
      await test.server.stop()
      await untilText(page, "#phase", "Disconnected")
      assert.deepStrictEqual(await truncated(page), [], "lost")
    })

  for (const [name, screen] of Object.entries({ phone, lying, desk }))
    it(`The layout of the watch page keeps the grid where it is, on a ${name}`, async () => {
      const { state } = test.server
      state.reset(100, 100)
      state.setCounts(100, 0)
      const page = await test.visit("", screen)
      await untilText(page, "#phase", "Connecting")
      const header = await place(page, "header")
      const grid = await place(page, "#grid")
      const check = async (when: string) => {
        assert.deepStrictEqual(await place(page, "#grid"), grid, when)
        assert.deepStrictEqual(await place(page, "header"), header, when)
      }
      state.setPhase("subscribing")
      await untilText(page, "#phase", "Subscribing")
      await check("subscribing")
      state.setPhase("running")
      const game = new TestGame(state, scattered)
      game.publish()
      await untilText(page, "#generation", "0")
      await check("running")
      game.advance()
      await untilText(page, "#generation", "1")
      await page.locator("#grid").focus()
      await page.keyboard.press(",")
      await untilText(page, "#seen", /^Paused at/)
      await check("frozen")
      await inspect(page)
      await check("inspecting")
      await act(page, "time")
      await untilText(page, "#timeline-shown", /^Generation/)
      await check("time line")
      const excess = await page.locator(".notes").evaluate(({ clientWidth, scrollWidth }) => scrollWidth - clientWidth)
      assert.strictEqual(excess, 0)
      await test.server.stop()
      await untilText(page, "#link-text", "The server does not answer.")
      await check("lost")
    })

  it("The layout of the watch page gives the grid most of the screen of a phone, lying and standing", async () => {
    TestGame.running(test.server.state, 64, 64, scattered)
    for (const screen of [phone, lying]) {
      const page = await test.visit("", screen)
      await untilText(page, "#phase", "Running")
      const { height, width } = await place(page, "#grid")
      assert.isAbove((height * width) / (390 * 844), 0.6)
      // All controls can be reached without scrolling.
      const box = await place(page, ".controls")
      assert.isAtMost(box.y + box.height, screen.viewport!.height)
    }
  })

  it("The layout of the watch page says on a phone, too, what a square is, and its rows of controls end at one edge", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "running", speed: 10 }
    TestGame.running(test.server.state, 32, 32, scattered)
    const page = await test.visit("", phone)
    await page.locator("#run").waitFor()
    await untilText(page, "#size", "32 × 32")
    const said = await place(page, ".title p")
    assert.isTrue(await page.getByText("Each square is one client, a cell of the Game of Life.").isVisible())
    assert.isAtMost(said.x + said.width, phone.viewport!.width)
    const ends = await page.locator(".controls :is(button, select):visible").evaluateAll((all) => {
      const rows = new Map<number, number>()
      for (const one of all) {
        const { right, top } = one.getBoundingClientRect()
        rows.set(Math.round(top), Math.max(rows.get(Math.round(top)) ?? 0, right))
      }
      return [...rows.values()]
    })
    assert.isAtLeast(ends.length, 2)
    for (const end of ends) assert.approximately(end, ends[0]!, 1)
  })

  it("The layout of the watch page shows all rows of controls on a phone, and the figures below them", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    TestGame.running(test.server.state, 64, 64, scattered)
    for (const game of ["running", "paused"] as const) {
      test.server.control = { type: "state", game, speed: 10 }
      const page = await test.visit("", phone)
      await page.locator("#run").waitFor()
      await untilText(page, "#phase", game === "running" ? "Running" : "Paused")
      const grid = await place(page, "#grid")
      const controls = await place(page, ".controls")
      assert.strictEqual(controls.y + controls.height, phone.viewport!.height)
      assert.isAbove(grid.height, 400)
      const figures = await place(page, ".instruments")
      assert.strictEqual(figures.y, controls.y + controls.height)
      // One can scroll to their end.
      const end = await page.evaluate(() => document.documentElement.scrollHeight)
      assert.approximately(figures.y + figures.height, end, 1)
    }
  })

  it("The layout of the watch page shows the whole bar of a drawing on a phone, with a game and without one", async () => {
    const { state } = test.server
    for (const hasGame of [false, true]) {
      if (hasGame) TestGame.running(state, 64, 64, scattered)
      const page = await test.visit("", phone)
      await untilText(page, "#phase", hasGame ? "Running" : "No game yet")
      await act(page, "edit")
      await page.locator("#drawing-select").click()
      await page.locator("#grid").press("Shift+ArrowRight")
      await page.locator("#selecting").waitFor()
      await eventually(async () => {
        const { height, y } = await place(page, "#drawing")
        assert.isAtMost(y + height, phone.viewport!.height)
      })
    }
  })

  it("The layout of the watch page keeps the graphs where they are when the game repeats itself", async () => {
    // A blinker.
    const game = TestGame.running(test.server.state, 16, 16, (row, column) => row === 8 && column > 6 && column < 10)
    const page = await test.visit("", desk)
    await untilText(page, "#phase", "Running")
    const before = await place(page, "#population-graph")
    await eventually(async () => {
      game.advance()
      assert.strictEqual(await page.textContent("#rhythm"), "repeats every 2 steps")
    })
    assert.deepStrictEqual(await place(page, "#population-graph"), before)
  })

  it("The layout of the watch page keeps the controls where they are when the game is paused", async () => {
    TestGame.running(test.server.state, 16, 16, scattered)
    for (const screen of [phone, lying, desk]) {
      const page = await test.visit("", screen)
      await untilText(page, "#phase", "Running")
      const places = async () => [await place(page, '[data-action="time"]'), await place(page, "#theme")]
      const before = await places()
      await act(page, "play")
      await untilText(page, "#play-label", "Resume")
      assert.deepStrictEqual(await places(), before)
    }
  })

  for (const [name, screen] of Object.entries({ phone, lying, desk }))
    it(`The layout of the watch page has messages that cover neither notes nor controls, on a ${name}`, async () => {
      TestGame.running(test.server.state, 16, 16, scattered)
      const page = await test.visit("", { ...screen, permissions: ["clipboard-read", "clipboard-write"] })
      await untilText(page, "#phase", "Running")
      const covered = async () => {
        await page.locator("#toast").waitFor()
        const toast = await place(page, "#toast")
        assert.isAtMost(toast.y + toast.height, await page.evaluate(() => innerHeight))
        const others = await Promise.all([".bar", ".relay", ".notes", ".controls"].map((one) => place(page, one)))
        return others.filter(
          ({ height, width, x, y }) =>
            x < toast.x + toast.width && toast.x < x + width && y < toast.y + toast.height && toast.y < y + height
        )
      }
      // It stays while the test looks, however long that takes.
      await page.locator("#toast").evaluate((toast) =>
        Object.defineProperty(toast, "hidden", {
          set: (isHidden) => {
            if (!isHidden) toast.removeAttribute("hidden")
          }
        })
      )
      await act(page, "copy-rle")
      await untilText(page, "#toast", "The pattern was copied.")
      assert.deepStrictEqual(await covered(), [])
      // As long as the longest.
      await page.locator("#toast").evaluate((toast) => {
        toast.textContent =
          "100 clients are disconnected, and back in 4 s. The neighbours wait, then their neighbours: watch the wave."
      })
      assert.deepStrictEqual(await covered(), [])
      // The phone is turned.
      const turned = (name === "phone" ? lying : phone).viewport!
      await page.setViewportSize(turned)
      await page.waitForFunction(({ height, width }) => innerWidth === width && innerHeight === height, turned)
      await eventually(async () => assert.deepStrictEqual(await covered(), []))
    })

  it("The layout of the watch page shows a whole menu on a phone that lies, and scrolls it where it does not fit", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "running", speed: 10 }
    TestGame.running(test.server.state, 16, 16, scattered)
    const page = await test.visit("", lying)
    await untilText(page, "#phase", "Running")
    for (const menu of ["view-menu", "save-menu"]) {
      const list = page.locator(`#${menu}`)
      const excess = () => list.evaluate(({ clientHeight, scrollHeight }) => scrollHeight - clientHeight)
      await page.setViewportSize(lying.viewport!)
      await page.locator(`[popovertarget="${menu}"]`).click()
      await list.waitFor()
      await eventually(async () => assert.isAtMost(await excess(), 0, menu))
      const button = await place(page, `[popovertarget="${menu}"]`)
      const box = await place(page, `#${menu}`)
      assert.isAtLeast(box.y, 0)
      assert.isAtMost(box.y + box.height, lying.viewport!.height)
      assert.isTrue(box.x + box.width <= button.x || box.y + box.height <= button.y, "it does not cover its button")
      await page.setViewportSize({ width: 700, height: 150 })
      await eventually(async () => {
        const { height, y } = await place(page, `#${menu}`)
        assert.isAtLeast(y, 0)
        assert.isAtMost(y + height, 150)
        assert.isAbove(await excess(), 0)
      })
      await page.keyboard.press("Escape")
    }
  })

  it("The layout of the watch page has controls of 44 pixels for fingers", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "paused", speed: 10 }
    TestGame.running(test.server.state, 16, 16, scattered)
    for (const screen of [phone, lying]) {
      const page = await test.visit("", screen)
      await page.locator("#run").waitFor()
      const small = () =>
        page.evaluate(() =>
          [...document.querySelectorAll<HTMLElement>("button, select, summary, input:not([type=radio]), .choice")]
            .filter((element) => element.checkVisibility())
            .map((element) => ({ element, box: element.getBoundingClientRect() }))
            .filter(({ box }) => box.width < 44 || box.height < 44)
            .map(({ element }) => element.id || element.textContent)
        )
      assert.deepStrictEqual(await small(), [])
      await page.locator('[popovertarget="view-menu"]').click()
      assert.deepStrictEqual(await small(), [])
      await page.keyboard.press("Escape")
      await page.locator('header [data-action="start"]').click()
      assert.deepStrictEqual(await small(), [])
    }
  })

  it("The layout of the watch page shows what is pressed where the system chooses the colours", async () => {
    TestGame.running(test.server.state, 16, 16, scattered)
    const page = await test.visit("", { forcedColors: "active" })
    await untilText(page, "#phase", "Running")
    await page.locator('[popovertarget="view-menu"]').click()
    const appearanceOf = (name: string) =>
      page.locator(`#view-menu [data-action="${name}"]`).evaluate((element) => {
        const { backgroundColor, color } = getComputedStyle(element)
        return `${color} on ${backgroundColor}`
      })
    // Lines are on, following is off.
    const on = await appearanceOf("lines")
    assert.notStrictEqual(on, await appearanceOf("follow"))
    // Also under the mouse.
    await page.locator('#view-menu [data-action="lines"]').hover()
    assert.strictEqual(await appearanceOf("lines"), on)
    // A list must look the same for every choice.
    const frame = await page.locator("label:has(#rate)").evaluate((label) => getComputedStyle(label).outlineStyle)
    assert.strictEqual(frame, "none")
    await page.locator('#view-menu [data-action="lines"]').click()
    await page.mouse.move(0, 0)
    assert.notStrictEqual(await appearanceOf("lines"), on)
  })

  it("a link shows the same cells on every size of screen, in its colours, and keeps the visitor's own", async () => {
    TestGame.running(test.server.state, 64, 64, scattered)
    const far = await test.visit("", wall)
    await untilText(far, "#phase", "Running")
    await choose(far, "theme", "lag")
    // The bottom right corner.
    await far.locator("#grid").focus()
    for (let press = 0; press < 5; press++) await far.keyboard.press("+")
    for (let press = 0; press < 60; press++) await far.keyboard.press("ArrowRight")
    for (let press = 0; press < 60; press++) await far.keyboard.press("ArrowDown")
    await act(far, "link")
    const hash = await far.evaluate(() => location.hash)
    const [x, y, width, height] = new URLSearchParams(hash.slice(1)).get("view")!.split(",").map(Number)
    assert.deepStrictEqual([x, y], [64, 64])
    const near = await test.visit("", phone)
    await choose(near, "theme", "mono")
    await near.goto(`${test.server.url}${hash}`)
    await near.reload()
    await untilText(near, "#phase", "Running")
    assert.strictEqual(await near.locator("#theme").inputValue(), "lag")
    await act(near, "link")
    const seen = await near.evaluate(() => location.hash)
    const other = new URLSearchParams(seen.slice(1)).get("view")!.split(",").map(Number)
    assert.deepStrictEqual(other.slice(0, 2), [x, y])
    assert.isAtLeast(other[2]! + 0.02, width!)
    assert.isAtLeast(other[3]! + 0.02, height!)
    await near.goto(test.server.url)
    await untilText(near, "#phase", "Running")
    assert.strictEqual(await near.locator("#theme").inputValue(), "mono")
    // A place outside a smaller grid is moved onto the grid.
    const beyond = await test.visit("#view=5000,5000,10,10", phone)
    await untilText(beyond, "#phase", "Running")
    await act(beyond, "link")
    assert.match(await beyond.evaluate(() => location.hash), /view=64,64,/)
  })
})
