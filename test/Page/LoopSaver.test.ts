import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { loopOf } from "../../static/watch/Model/Loop.ts"
import { act, harness, hueOf, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const test = harness()

const blinker = (row: number, column: number) => row === 3 && column >= 2 && column <= 4

describe("A GIF of the game", () => {
  it("A GIF of the game has one period if all its generations are kept, else the last ones that fit", () => {
    const size = { width: 10, height: 10 }
    const kept = [3, 5, 6, 7]
    assert.deepStrictEqual(loopOf(kept, 3, size), { steps: [5, 6, 7], isPeriod: true })
    // Before the game became periodic, the same number of generations is no period.
    assert.deepStrictEqual(loopOf(kept, 3, size, 5)?.isPeriod, true)
    assert.deepStrictEqual(loopOf(kept, 3, size, 6)?.isPeriod, false)
    assert.deepStrictEqual(loopOf(kept, 1, size), { steps: [7], isPeriod: true })
    assert.deepStrictEqual(loopOf(kept, 4, size), { steps: kept, isPeriod: false })
    assert.deepStrictEqual(loopOf(kept, undefined, size), { steps: kept, isPeriod: false })
    assert.deepStrictEqual(loopOf(kept, undefined, { width: 3_000, height: 4_000 })?.steps, [6, 7])
    assert.isUndefined(loopOf([3], undefined, size))
    const many = Array.from({ length: 1_000 }, (_, step) => step)
    assert.deepStrictEqual(loopOf(many, undefined, size)?.steps, many.slice(-120))
  })

  it("A GIF of the game repeats for ever, and its pictures are the generations that the page has seen", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilText(page, "#generation", "0")
    await act(page, "save-gif")
    await untilText(page, "#toast", "There are no two generations to make a GIF of yet.")
    for (let step = 1; step <= 6; step++) {
      game.advance()
      await untilText(page, "#generation", String(step))
    }
    await untilText(page, "#rhythm", "repeats every 2 steps")
    const [download] = await Promise.all([page.waitForEvent("download"), act(page, "save-gif")])
    await untilText(page, "#toast", /^A GIF of 2 generations, 5 to 6, was saved \(.+B\): one period, without a seam\.$/)
    assert.strictEqual(download.suggestedFilename(), "life-step-5-to-6.gif")
    const gif = await readFile(await download.path())
    const seen = await page.evaluate(async (base64) => {
      const data = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
      const decoder = new ImageDecoder({ data, type: "image/gif" })
      await decoder.tracks.ready
      await decoder.completed
      const { frameCount = 0, repetitionCount } = decoder.tracks.selectedTrack ?? {}
      const pictures: Array<{ size: Array<number>; above: Array<number>; left: Array<number>; delay: number | null }> =
        []
      for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
        const { image } = await decoder.decode({ frameIndex })
        const { displayHeight: height, displayWidth: width } = image
        const context = new OffscreenCanvas(width, height).getContext("2d")!
        context.drawImage(image, 0, 0)
        const colour = (row: number, column: number) => [
          ...context.getImageData((column + 0.5) * (width / 8), (row + 0.5) * (height / 8), 1, 1).data.subarray(0, 3)
        ]
        pictures.push({ size: [width, height], above: colour(2, 3), left: colour(3, 2), delay: image.duration })
      }
      return { isEndless: repetitionCount === Number.POSITIVE_INFINITY, pictures }
    }, gif.toString("base64"))
    // Large areas may flash in this game's theme, so the pictures change as seldom as the page's own.
    const frame = { size: [480, 480], delay: 200_000 }
    assert.deepStrictEqual(seen, {
      isEndless: true,
      pictures: [
        { ...frame, above: [...hueOf(5, 1)], left: [...hueOf(5, 0)] },
        { ...frame, above: [...hueOf(6, 0)], left: [...hueOf(6, 1)] }
      ]
    })
  })
})
