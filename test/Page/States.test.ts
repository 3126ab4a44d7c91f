/** How the page shows games with more than two states. */
import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { act, harness, openPanel, untilColour, untilText } from "./Harness.ts"

describe("a game of more states", () => {
  const test = harness({ theme: "mono" })

  /** Star Wars: the first row has live, dying and dead cells, all at the same step. */
  const start = () => {
    const { state } = test.server
    state.reset(8, 4, "345/2/4:T8,4", 4)
    state.setCounts(32, 32)
    state.setPhase("running")
    for (let index = 0; index < 32; index++) state.record(index, 0, [3, 2, 1][index] ?? 0)
  }

  it("a game of more states shows the state of a cell, the meaning of the colours, and the population", async () => {
    start()
    const page = await test.visit("#cell=0,0")
    await untilText(page, "#inspector", /^row 0, column 0: dying \(state 3 of 0 to 3\), step 0/)
    await untilText(
      page,
      "#legend",
      /^Living cells stand out from the background\. Dying cells \(states 2 to 3\) fade from orange\.$/
    )
    await untilText(page, "#universe", "345/2/4, torus")
    await untilText(page, "#population", "3")
    const grid = { width: 8, height: 4 }
    await untilColour(page, grid, 0, 0, [250, 190, 130])
    await untilColour(page, grid, 0, 1, [232, 96, 44])
    await untilColour(page, grid, 0, 2, [28, 33, 43])
    const { state } = test.server
    for (let index = 0; index < 32; index++) state.record(index, 1, [0, 3, 2, 1][index] ?? 0)
    await untilText(page, "#inspector", /^row 0, column 0: dead, step 1/)
  })

  it("a game of more states saves the generation with its states", async () => {
    start()
    const page = await test.visit()
    await untilText(page, "#population", "3")
    const [download] = await Promise.all([page.waitForEvent("download"), act(page, "save-rle")])
    assert.strictEqual(
      await readFile(await download.path(), "utf8"),
      "#CXRLE Pos=-4,-2 Gen=0\nx = 8, y = 4, rule = 345/2/4:T8,4\nCBA3$8.!\n"
    )
  })

  it("a game of more states selects the rule of a pattern, and resets it with another pattern", async () => {
    test.server.list = {
      ...test.server.list,
      hasControl: true,
      patterns: [
        ...test.server.list.patterns,
        { name: "racer", about: "A spaceship of Star Wars.", rows: ["CBA", "CBA"], rule: "345/2/4" }
      ]
    }
    const page = await test.visit()
    await openPanel(page)
    await page.getByLabel("racer").check()
    assert.strictEqual(await page.locator("#rule").inputValue(), "345/2/4")
    await page.getByLabel("glider").check()
    assert.strictEqual(await page.locator("#rule").inputValue(), "B3/S23")
    await page.locator("#rule").fill("HighLife")
    await page.getByLabel("blinker").check()
    assert.strictEqual(await page.locator("#rule").inputValue(), "HighLife")
  })
})
