import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { eventually, harness, openPanel, untilText } from "./Harness.ts"

const test = harness()

/** Whether nothing covers the centre of an element. */
const isOnTop = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => {
    const { height, left, top, width } = element.getBoundingClientRect()
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2))
  })

describe("Dialogs of the watch page", () => {
  it("Dialogs of the watch page open the help at its top, also in a low window and for the second time", async () => {
    const page = await test.visit("", { viewport: { width: 700, height: 400 } })
    const help = page.locator("#help")
    for (let time = 0; time < 2; time++) {
      await page.locator('header [data-action="help"]').click()
      await help.waitFor()
      await eventually(async () => {
        assert.strictEqual(await help.evaluate((dialog) => dialog.scrollTop), 0)
        assert.isTrue(await isOnTop(page, "#help-title"))
        assert.strictEqual(await page.evaluate(() => document.activeElement?.id), "help-title")
      })
      await help.evaluate((dialog) => dialog.scrollTo(0, 10_000))
      await page.getByRole("button", { name: "Close" }).click()
    }
  })

  it("Dialogs of the watch page show messages while they are open, for screen readers too", async () => {
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await openPanel(page)
    // The message stays for five seconds of the page's clock, which the test controls.
    await page.clock.install()
    await page.clock.pauseAt(Date.now() + 60_000)
    await page.locator("#begin").click()
    await untilText(page, "#toast", "The command was copied: run it in a terminal.")
    await eventually(async () => assert.isTrue(await isOnTop(page, "#toast")))
    const session = await page.context().newCDPSession(page)
    const { nodes } = await session.send("Accessibility.getFullAXTree")
    const heard = nodes.filter(({ ignored, name }) => !ignored && /^The command was copied/.test(String(name?.value)))
    assert.isAbove(heard.length, 0)
    await page.keyboard.press("Escape")
    await page.locator("body > #toast").waitFor()
    await page.clock.runFor(4_900)
    assert.isTrue(await page.locator("#toast").isVisible())
    await page.clock.runFor(200)
    await page.locator("#toast").waitFor({ state: "hidden" })
  })

  it("Dialogs of the watch page start the game with Enter, if the server owns its workers", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "none", speed: 10 }
    const page = await test.visit()
    await page.locator("#run").waitFor()
    await openPanel(page)
    await page.locator("#width").fill("48")
    await page.locator("#width").press("Enter")
    await test.server.untilControl(1)
    const [request] = test.server.controls
    assert(request?.type === "start")
    assert.strictEqual(request.game.width, 48)
    await page.locator("#start").waitFor({ state: "hidden" })
    // Space pauses the game, and does not press the button that opened the dialog.
    await eventually(async () => assert.strictEqual(await page.evaluate(() => document.activeElement?.id), "grid"))
    // A game with a problem does not start.
    await openPanel(page)
    await page.locator("#rule").fill("B9")
    await page.locator("#rule").press("Enter")
    await untilText(page, "#rule-problem", /^Not a rule/)
    assert.isTrue(await page.locator("#start").isVisible())
    assert.strictEqual(test.server.controls.length, 1)
  })

  it("Dialogs of the watch page copy the command with Enter, if it does not", async () => {
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await openPanel(page)
    await page.locator("#height").fill("48")
    await page.locator("#height").press("Enter")
    await untilText(page, "#toast", "The command was copied: run it in a terminal.")
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), / --width 32 --height 48 /)
  })

  it("Dialogs of the watch page show what is wrong with a rule next to it, while the viewer types", async () => {
    const page = await test.visit()
    await openPanel(page)
    const rule = page.locator("#rule")
    await rule.fill("B3/S29")
    await untilText(
      page,
      "#rule-problem",
      "Not a rule: found 9, but a cell has only 8 neighbours. Write it like B3/S23."
    )
    assert.strictEqual(await rule.getAttribute("aria-invalid"), "true")
    assert.isTrue(await page.locator("#begin").isDisabled())
    const field = (await rule.boundingBox())!
    const problem = (await page.locator("#rule-problem").boundingBox())!
    assert.isBelow(problem.y - field.y, 150)
    await rule.fill("HighLive")
    await untilText(page, "#rule-problem", /did you mean HighLife\?/)
    await rule.fill("B2-a/S12")
    await untilText(page, "#rule-problem", "")
    assert.strictEqual(await rule.getAttribute("aria-invalid"), "false")
    assert.isTrue(await page.locator("#begin").isEnabled())
  })

  for (const [name, viewport] of Object.entries({
    upright: { width: 390, height: 844 },
    lying: { width: 844, height: 390 }
  }))
    it(`Dialogs of the watch page show a wrong rule and its problem above the answers, on a phone, ${name}`, async () => {
      const page = await test.visit("", { viewport, hasTouch: true, isMobile: true })
      await openPanel(page)
      await page.locator("#rule").selectText()
      await page.keyboard.type("B3/S29")
      await untilText(page, "#rule-problem", /^Not a rule/)
      await eventually(async () => {
        const answers = (await page.locator(".answers").boundingBox())!
        for (const one of ["#rule", "#rule-problem"]) {
          const box = (await page.locator(one).boundingBox())!
          assert.isAtMost(box.y + box.height, answers.y, one)
          assert.isAtLeast(box.y, 0, one)
        }
      })
    })
})
