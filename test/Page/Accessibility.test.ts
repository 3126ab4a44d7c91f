import { assert, describe, it } from "@effect/vitest"
import { themes } from "../../static/watch/Stage/Themes.ts"
import { findings } from "./Axe.ts"
import { act, choose, eventually, harness, openPanel, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

const settings = (["light", "dark"] as const).flatMap((colorScheme) =>
  [
    { width: 1280, height: 800 },
    { width: 390, height: 844 }
  ].map((viewport) => ({ colorScheme, viewport }))
)

describe("Accessibility", () => {
  for (const setting of settings) {
    const name = `${setting.colorScheme}, ${setting.viewport.width} pixels wide`

    it(`axe finds nothing on the watch page: ${name}`, async () => {
      test.server.list = { ...test.server.list, hasControl: true }
      test.server.control = { type: "state", game: "running", speed: 10 }
      TestGame.running(test.server.state, 32, 32, scattered)
      const page = await test.visit("", setting)
      await untilText(page, "#phase", "Running")
      assert.deepStrictEqual(await findings(page), [])
      // Themes differ only in colours.
      for (const theme of themes) {
        await page.locator("#theme").selectOption(theme.name)
        assert.deepStrictEqual(await findings(page, "color-contrast"), [], theme.name)
      }
      for (const dialog of ["help", "start"]) {
        await page.locator(`header [data-action="${dialog}"]`).click()
        assert.deepStrictEqual(await findings(page), [], dialog)
        await page.keyboard.press("Escape")
      }
      await choose(page, "scheme", setting.colorScheme === "dark" ? "light" : "dark")
      assert.deepStrictEqual(await findings(page), [], "the other appearance")
    })

    it(`axe finds nothing before a game, and while the server is gone: ${name}`, async () => {
      const page = await test.visit("", setting)
      await untilText(page, "#phase", "No game yet")
      assert.deepStrictEqual(await findings(page), [])
      test.server.state.reset(8, 8)
      test.server.state.setCounts(1, 0)
      await untilText(page, "#overlay-title", "Clients connecting")
      assert.deepStrictEqual(await findings(page), [])
      await test.server.stop()
      await untilText(page, "#link-text", "The server does not answer.")
      assert.deepStrictEqual(await findings(page), [])
    })

    it(`axe finds nothing while one looks back, in menus, at the large figures: ${name}`, async () => {
      test.server.list = { ...test.server.list, hasControl: true }
      test.server.control = { type: "state", game: "paused", speed: 10 }
      const game = TestGame.running(test.server.state, 32, 32, scattered, "B3/S23:T32,32")
      const page = await test.visit("", setting)
      await untilText(page, "#phase", "Paused")
      assert.deepStrictEqual(await findings(page), [], "paused")
      for (const menu of ["view-menu", "save-menu"]) {
        await page.locator(`[popovertarget="${menu}"]`).click()
        await page.locator(`#${menu}:popover-open`).waitFor()
        assert.deepStrictEqual(await findings(page), [], menu)
        await page.keyboard.press("Escape")
      }
      game.advance()
      await untilText(page, "#generation", "1")
      await page.locator("summary").click()
      await act(page, "back")
      await untilText(page, "#seen", "Paused at generation 0")
      await page.locator("#grid").focus()
      await page.keyboard.press("Shift+ArrowUp")
      await untilText(page, "#inspector", /^row/)
      assert.deepStrictEqual(await findings(page), [], "frozen, a cell inspected")
      await act(page, "time")
      await page.locator("#timeline").waitFor()
      assert.deepStrictEqual(await findings(page), [], "time line")
      await page.keyboard.press("Escape")
      await page.locator("#grid").focus()
      await page.keyboard.press("o")
      await page.locator("#leave-big").waitFor()
      assert.deepStrictEqual(await findings(page), [], "large figures")
    })

    it(`axe finds nothing at the end of a game, while one draws, and on the page for frames: ${name}`, async () => {
      test.server.list = { ...test.server.list, hasControl: true }
      test.server.control = { type: "state", game: "ended", speed: 10 }
      const { state } = test.server
      TestGame.running(state, 32, 32, scattered)
      state.setPhase("ended")
      state.setCounts(0, 0)
      const page = await test.visit("", setting)
      await page.locator("#ended").waitFor()
      assert.deepStrictEqual(await findings(page), [], "ended")
      await openPanel(page)
      for (const source of ["Random cells", "Drawn or loaded"]) {
        await page.getByLabel(source).check()
        assert.deepStrictEqual(await findings(page), [], source)
      }
      await page.getByRole("button", { name: "Draw on the grid" }).click()
      await page.locator("#drawing").waitFor()
      assert.deepStrictEqual(await findings(page), [], "drawing")
      await page.goto(`${test.server.url}embed`)
      await untilText(page, "#phase", "Ended")
      assert.deepStrictEqual(await findings(page), [], "the page for frames")
    })

    it(`axe finds nothing on the test pages: ${name}`, async () => {
      assert.deepStrictEqual(await findings(await test.visit("test/", setting)), [])
      assert.deepStrictEqual(await findings(await test.visit("test/http/?name=Arthur", setting)), [])
    })
  }

  it("keys work while the grid has the focus, and nowhere else", async () => {
    TestGame.running(test.server.state, 32, 32, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    // The grid has it from the start.
    await page.keyboard.press("t")
    assert.strictEqual(await page.locator("#theme").inputValue(), "mono")
    await page.locator('[popovertarget="view-menu"]').focus()
    await page.keyboard.press("t")
    assert.strictEqual(await page.locator("#theme").inputValue(), "mono")
    // Tab leaves the grid.
    await page.locator("#grid").focus()
    await page.keyboard.press("Tab")
    assert.notStrictEqual(await page.evaluate(() => document.activeElement?.id), "grid")
  })

  it("a viewer who wants little motion gets the calm rate at most, whatever was chosen", async () => {
    const game = TestGame.running(test.server.state, 32, 32, scattered)
    const page = await test.visit("", { reducedMotion: "reduce" })
    await untilText(page, "#phase", "Running")
    assert.isTrue(await page.locator('#rate option[value="0"]').isDisabled())
    await page.emulateMedia({ reducedMotion: "no-preference" })
    // The browser tells the page of the change when it draws.
    await eventually(async () => {
      game.advance()
      assert.isFalse(await page.locator('#rate option[value="0"]').isDisabled())
    })
    await choose(page, "rate", "0")
    await page.emulateMedia({ reducedMotion: "reduce" })
    const timer = setInterval(() => game.advance(), 15)
    const changes = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const canvas = document.querySelector<HTMLCanvasElement>("#canvas")!
          const picture = () => canvas.toDataURL()
          const end = performance.now() + 2_000
          let count = 0
          let before = picture()
          const sample = () => {
            const now = picture()
            if (now !== before) count++
            before = now
            if (performance.now() < end || count < 2) requestAnimationFrame(sample)
            else resolve(count)
          }
          sample()
        })
    )
    clearInterval(timer)
    // At most two and a half flashes per second: five changes, and one at each end.
    assert.isAtMost(changes, 12)
  })

  it("Accessibility tells screen readers what happens in sentences, seconds apart", async () => {
    const page = await test.visit()
    await untilText(page, "#status", "Waiting for a game.")
    const spoken = await page.evaluateHandle(() => {
      const said: Array<{ readonly text: string; readonly at: number }> = []
      const status = document.querySelector("#status")!
      const note = () => said.push({ text: status.textContent ?? "", at: performance.now() })
      new MutationObserver(note).observe(status, { childList: true })
      return said
    })
    const game = TestGame.running(test.server.state, 32, 32, scattered)
    const timer = setInterval(() => game.advance(), 20)
    await untilText(page, "#generation", /^[5-9]\d/)
    clearInterval(timer)
    const said = await spoken.jsonValue()
    // Most machines are done before the second frame is due.
    said.slice(1).forEach(({ at }, index) => {
      assert.isAtLeast(at - said[index]!.at, 7_900)
    })
    assert.match(said.at(-1)!.text, /^Running, generation \d+, \d+ of 1,024 cells alive, 1,024 clients\.$/)
  })
})
