import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { Rates } from "../../static/watch/Model/Rates.ts"
import { Trail } from "../../static/watch/Model/Trail.ts"
import { eventually, harness, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

interface Label {
  readonly graph: string
  readonly text: string
  readonly left: number
  readonly right: number
  readonly width: number
}

/** Records each label that a graph draws: its text and its place. */
const watchLabels = (page: Page) =>
  page.addInitScript(() => {
    const labels: Array<Label> = []
    Object.assign(window, { labels })
    const prototype = CanvasRenderingContext2D.prototype
    const original = prototype.fillText
    prototype.fillText = function (this: CanvasRenderingContext2D, text: string, x: number, y: number) {
      const { actualBoundingBoxLeft, actualBoundingBoxRight } = this.measureText(text)
      const graph = this.canvas.closest("[role=img]")?.id ?? ""
      // The labels of the left axis end at the axis, and those of the time axis are centred.
      const at = this.getTransform().transformPoint({ x, y })
      labels.push({
        graph,
        text,
        left: at.x - actualBoundingBoxLeft,
        right: at.x + actualBoundingBoxRight,
        width: this.canvas.width
      })
      Reflect.apply(original, this, [text, x, y])
    }
  })

const labelsOf = (page: Page, from = 0) =>
  page.evaluate((from) => (window as unknown as { labels: Array<Label> }).labels.slice(from), from)

const description = (page: Page, id: string) => page.getAttribute(`#${id}`, "aria-label")

describe("Graphs of the watch page", () => {
  it("Graphs of the watch page have complete labels with different times and values, of the run only", async () => {
    const { state } = test.server
    const page = await test.visit()
    await watchLabels(page)
    state.reset(400, 400, "torus")
    state.setCounts(10, 0)
    await page.reload()
    await untilText(page, "#phase", "Connecting")
    state.setPhase("running")
    state.setCounts(160_000, 160_000)
    const game = new TestGame(state, (row, column) => (row * 400 + column) % 4 !== 0)
    game.publish()
    // The population only differs in its last digits.
    let births = 0
    const timer = setInterval(() => state.record(births * 4, 1, births++ % 2), 100)
    await page.waitForFunction(() =>
      /over the last [2-9]\.\d s/.test(document.querySelector("#population-graph")?.ariaLabel ?? "")
    )
    clearInterval(timer)
    const seen = await labelsOf(page)
    assert.isAbove(seen.length, 10)
    for (const { left, right, text, width } of seen)
      assert.isTrue(left >= 0 && right <= width, `"${text}" lies from ${left} to ${right} of ${width}`)
    // One drawing of the time axis has no label twice.
    const times = seen.filter(({ graph, text }) => graph === "population-graph" && / s$|now/.test(text))
    const last = times.slice(times.map(({ text }) => text).lastIndexOf("now", -2) + 1).map(({ text }) => text)
    assert.deepStrictEqual(last, [...new Set(last)])
    assert.strictEqual(last.at(-1), "now")
    // All values were counted while the game ran, and none is from the time before.
    assert.match(
      (await description(page, "population-graph"))!,
      /^Population over the last \d\.\d s: 120K at first, now 120K/
    )
  })

  it("Graphs of the watch page fill the space below a line only when it begins at zero", async () => {
    const { state } = test.server
    TestGame.running(state, 100, 100, scattered)
    const page = await test.visit()
    const filled = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>("#population-graph canvas")!
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height)
        // Only the fill is partly transparent over a wide area.
        let soft = 0
        for (let at = 3; at < data.length; at += 4) if (data[at]! > 20 && data[at]! < 60) soft++
        return soft / (data.length / 4)
      })
    const longer = (seconds: number) =>
      page.waitForFunction(
        (seconds) =>
          Number(/last (\d+\.\d) s/.exec(document.querySelector("#population-graph")?.ariaLabel ?? "")?.[1]) > seconds,
        seconds
      )
    let turn = 0
    // Around 2,500, by some.
    const small = setInterval(() => state.record(turn++ % 100, 1, turn % 2), 50)
    await longer(1)
    assert.isBelow(await filled(), 0.02)
    clearInterval(small)
    // Down to nothing.
    for (let index = 0; index < 10_000; index++) state.record(index, 2, 0)
    await untilText(page, "#population", "0")
    await page.waitForFunction(() => /between 0 and/.test(document.querySelector("#population-graph")?.ariaLabel ?? ""))
    assert.isAbove(await filled(), 0.1)
  })

  it("Graphs of the watch page show a single value as a dot", async () => {
    TestGame.running(test.server.state, 16, 16, scattered)
    const page = await test.visit()
    await untilText(page, "#population", /\d/)
    const accented = await page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>("#population-graph canvas")!
      const context = canvas.getContext("2d")!
      const words = getComputedStyle(document.documentElement).getPropertyValue("--accent")
      const probe = new OffscreenCanvas(1, 1).getContext("2d")!
      probe.fillStyle = words
      probe.fillRect(0, 0, 1, 1)
      const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) count++
      return count
    })
    assert.isAbove(await accented.jsonValue(), 0)
    assert.match((await description(page, "population-graph"))!, /: (\d+) at first, now \1, between \1 and \1$/)
  })

  it("Graphs of the watch page show a rate without the time in which workers connected", async () => {
    const { state } = test.server
    state.reset(16, 16, "torus")
    state.setCounts(100, 0)
    const page = await test.visit()
    await untilText(page, "#workers", "100")
    await page.evaluate(() => {
      const rates: Array<string> = []
      Object.assign(window, { rates })
      const rate = document.querySelector("#steps-rate")!
      new MutationObserver(() => rates.push(rate.textContent ?? "")).observe(rate, { childList: true })
    })
    // Workers connect for some time, and the server reports it.
    for (let count = 101; count < 256; count += 31) {
      state.setCounts(count, 0)
      await untilText(page, "#workers", String(count))
    }
    state.setPhase("running")
    state.setCounts(256, 256)
    const game = new TestGame(state, scattered)
    game.publish()
    const start = performance.now()
    // Use the clock of the figures, so that a late turn does not change the rate.
    test.server.onTurn = (now) => {
      while (game.step < (now - start) / 50) game.advance()
    }
    const shownRates = () =>
      page.evaluate(() => (window as unknown as { rates: Array<string> }).rates.filter((text) => text !== "–"))
    await eventually(async () => assert.isAbove((await shownRates()).length, 4))
    const rates = await shownRates()
    const shown = rates.map(Number)
    for (const rate of shown) assert.closeTo(rate, 20, 4, rates.join())
  })

  it("Graphs of the watch page have descriptions for screen readers", async () => {
    const game = TestGame.running(test.server.state, 16, 16, scattered)
    const page = await test.visit()
    const timer = setInterval(() => game.advance(), 50)
    await page.waitForFunction(() =>
      /^Steps per second over the last/.test(document.querySelector("#rate-graph")?.ariaLabel ?? "")
    )
    clearInterval(timer)
    const session = await page.context().newCDPSession(page)
    const { nodes } = await session.send("Accessibility.getFullAXTree")
    const names = nodes.filter(({ role }) => role?.value === "image").map(({ name }) => String(name?.value))
    assert.strictEqual(names.length, 2)
    assert.match(names[0]!, /^Population over the last \d\.\d s: \d+ at first, now \d+, between \d+ and \d+$/)
    assert.match(names[1]!, /^Steps per second over the last \d\.\d s: [\d.]+ at first/)
  })
})

describe("Trail", () => {
  it("Trail keeps the whole time in bounded memory, and its gaps", () => {
    const trail = new Trail()
    for (let second = 0; second < 50_000; second++) trail.add(second, second === 20_001 ? null : second)
    assert.isAtMost(trail.times.length, 1_200)
    assert.strictEqual(trail.times[0], 0)
    assert.isAbove(trail.times.at(-1)!, 49_900)
    assert.include(trail.values, null)
    assert.isTrue(trail.values.every((value, index) => value === null || value === trail.times[index]))
  })
})

describe("Rates of a total that grows in jumps", () => {
  it("Rates of a total that grows in jumps is the same at any time", () => {
    const rates = new Rates<"total">(3_000)
    for (let time = 0; time <= 10_000; time += 100) {
      rates.add({ time, total: Math.floor(time / 1_000) * 64 })
      if (time >= 3_000) assert.closeTo(rates.perSecond("total"), 64, 0.01, `at ${time}`)
    }
  })

  it("Rates of a total that grows in jumps becomes 0 when the total does not grow any more", () => {
    const rates = new Rates<"total">(3_000)
    for (let time = 0; time <= 9_000; time += 100)
      rates.add({ time, total: Math.min(64 * 4, Math.floor(time / 1_000) * 64) })
    assert.strictEqual(rates.perSecond("total"), 0)
  })
})
