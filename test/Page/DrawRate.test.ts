import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { FlashGuard } from "../../static/watch/Model/FlashGuard.ts"
import type { Frame } from "../../static/watch/Model/Model.ts"
import { emptyFrame } from "../../static/watch/Model/Model.ts"
import { countCalls } from "./DrawingThread.ts"
import { act, choose, harness, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

/** The number of painted frames and the seconds until the game has taken this number of steps. */
const paintings = async (page: Page, until: number) => {
  // The time begins before the count does, so a page that answers late makes it longer.
  const start = performance.now()
  const painted = await countCalls(page, "putImageData")
  await page.waitForFunction(
    (until) => Number.parseInt(document.querySelector("#generation")?.textContent ?? "", 10) >= until,
    until
  )
  return { count: await painted(), seconds: (performance.now() - start) / 1_000 }
}

/** All cells change at every step. */
const strobe = () => {
  const { state } = test.server
  state.reset(32, 32)
  state.setCounts(1_024, 1_024)
  state.setPhase("running")
  let step = 0
  const publish = () => {
    for (let index = 0; index < 1_024; index++) state.record(index, step, step % 2)
    step++
  }
  publish()
  return setInterval(publish, 50)
}

describe("How often the page draws", () => {
  it("How often the page draws is not limited while a game is calm", async () => {
    const game = TestGame.running(test.server.state, 32, 32, scattered)
    for (let step = 0; step < 40; step++) game.advance()
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    const noted = await page.evaluateHandle(() => {
      const texts: Array<string | null> = []
      const drawn = document.querySelector("#drawn")!
      new MutationObserver(() => texts.push(drawn.textContent)).observe(drawn, { childList: true })
      return texts
    })
    // Each generation waits for the page, so that a busy page does not take many for one large change.
    for (const until = game.step + 50; game.step < until; ) {
      game.advance()
      await untilText(page, "#generation", String(game.step))
    }
    assert.notInclude((await noted.jsonValue()).join(), "calmed")
    await untilText(page, "#drawn", "")
  })

  it("How often the page draws is not said while the view is paused", async () => {
    const game = TestGame.running(test.server.state, 32, 32, scattered)
    const timer = setInterval(() => game.advance(), 100)
    try {
      const page = await test.visit()
      await choose(page, "rate", "1000")
      await untilText(page, "#drawn", /^drawing [\d.]+ of [\d.]+$/)
      await act(page, "freeze")
      await untilText(page, "#drawn", "")
      await act(page, "freeze")
      await untilText(page, "#drawn", /^drawing [\d.]+ of [\d.]+$/)
    } finally {
      clearInterval(timer)
    }
  })

  it("How often the page draws is five times a second while large areas flash, and says so", async () => {
    const timer = strobe()
    const page = await test.visit()
    await untilText(page, "#drawn", /^calmed, drawing [\d.]+ of [\d.]+$/)
    const sixty = async () =>
      paintings(page, Number.parseInt((await page.textContent("#generation"))!.replaceAll(",", ""), 10) + 60)
    for (const _ of ["still", "moving"]) {
      const { count, seconds } = await sixty()
      // A little more where a change of few cells is drawn between two of many. The game takes twenty steps a second.
      assert.isAtMost(count, 6.5 * seconds + 2)
      // A view that moves with the living cells draws as seldom.
      await page.locator("#grid").press("c")
    }
    clearInterval(timer)
  })

  it("How often the page draws is not how often figures are written: seven times a second at most", async () => {
    const game = TestGame.running(test.server.state, 32, 32, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    const written = await page.evaluateHandle(() => {
      const times: Array<number> = [performance.now()]
      const generation = document.querySelector("#generation")!
      new MutationObserver(() => times.push(performance.now())).observe(generation, { childList: true })
      return times
    })
    const timer = setInterval(() => game.advance(), 15)
    await page.waitForFunction(({ length }) => length > 12, written)
    clearInterval(timer)
    const times = await written.jsonValue()
    // One more, because the first write may be noted late. Without the limit it would be each step of 15 ms.
    assert.isAtMost((times.length - 3) * 150, times.at(-1)! - times[0]!)
    await untilText(page, "#generation", String(game.step))
  })

  it("How often the page draws takes no cells for a view that is held, and all of them when it goes on", async () => {
    const { state } = test.server
    const game = TestGame.running(state, 64, 64, scattered)
    const page = await test.visit()
    await untilText(page, "#generation", "0")
    await act(page, "freeze")
    await test.server.untilRequest("figures")
    game.advance()
    game.advance()
    await untilText(page, "#messages-rate", /^[1-9]/)
    const before = test.server.sent
    for (let step = 0; step < 5; step++) {
      const { messages } = state
      game.advance()
      state.setCounts(4_096 - step, 4_096 - step)
      await untilText(page, "#workers", (4_096 - step).toLocaleString("en"))
      assert.isAbove(state.messages, messages)
    }
    // A message with figures has 76 bytes. One with a step of the cells has more than a kilobyte.
    assert.isBelow(test.server.sent - before, 5 * 400)
    await untilText(page, "#seen", "Paused at generation 0")
    await act(page, "freeze")
    await untilText(page, "#generation", "7")
    await untilText(page, "#population", String(state.population))
  })
})

describe("FlashGuard", () => {
  it("FlashGuard lets no picture come that would be one change too many in a second, also while it goes up", () => {
    const guard = new FlashGuard()
    const frame = emptyFrame(64, 64)
    const drawn: Array<number> = []
    let seen = -1
    let notedAt = -1_000
    for (let now = 0; now < 10_000; now += 10) {
      frame.steps.fill(now / 10)
      frame.states.fill((now / 10) % 2)
      const interval = now < guard.calm.until ? 200 : 0
      if (now < Math.max(guard.calm.nextAt, notedAt + interval)) continue
      guard.note(frame, 10, now)
      notedAt = now
      // A picture that is like the one before is no change.
      if ((now / 10) % 2 !== seen) drawn.push(now)
      seen = (now / 10) % 2
    }
    drawn.slice(1).forEach((time, index) => {
      const within = drawn.slice(1).filter((other) => other >= time && other < time + 1_000)
      assert.isAtMost(within.length, 5, `from ${drawn[index + 1]}`)
    })
    assert.isAbove(drawn.length, 40)
  })

  it("FlashGuard adds up the cells of a step that come in several pictures", () => {
    const guard = new FlashGuard()
    const frame = emptyFrame(64, 64)
    for (let picture = 0; picture < 120; picture++) {
      const step = Math.floor(picture / 6)
      const from = (picture % 6) * 682
      frame.steps.fill(step, from, from + 683)
      frame.states.fill(step % 2, from, from + 683)
      guard.note(frame, 10, picture * 16)
    }
    assert.isAbove(guard.calm.until, 1_900)
  })

  const play = (rate: number, share: number, scale: number, side = 64) => {
    const guard = new FlashGuard()
    const frame: Frame = emptyFrame(side, side)
    for (let step = 0; step < 2 * rate; step++) {
      frame.steps.fill(step)
      frame.states.forEach((state, index) => {
        frame.states[index] = (Math.imul(index, 2_654_435_761) >>> 0) / 2 ** 32 < share ? 1 - (state & 1) : 0
      })
      guard.note(frame, scale, Math.round((step * 1_000) / rate))
    }
    return guard.calm.until > 2_000
  }

  it("FlashGuard is up when a quarter of a field of sight changes more than five times a second", () => {
    assert.isTrue(play(20, 1, 10))
    assert.isTrue(play(8, 0.3, 10))
    // Five changes are two flashes and a half.
    assert.isFalse(play(5, 1, 10))
    assert.isFalse(play(20, 0.2, 10))
    // The whole grid is smaller than a quarter of the field.
    assert.isFalse(play(20, 1, 2))
    assert.isTrue(play(20, 1, 2.4))
  })

  it("FlashGuard counts cells that change there and back: each of three parts of the cells lives in turn", () => {
    const guard = new FlashGuard()
    const frame: Frame = emptyFrame(64, 64)
    frame.states.fill(0)
    guard.note(frame, 10, 0)
    for (let step = 1; step < 40; step++) {
      frame.steps.fill(step)
      // A fifth of the cells is different from the first picture, so two fifths are from the picture before.
      frame.states.forEach((_, index) => {
        frame.states[index] = index % 5 === step % 3 ? 1 : 0
      })
      guard.note(frame, 10, step * 50)
    }
    assert.isAbove(guard.calm.until, 2_000)
  })

  it("FlashGuard counts cells of which few change in each picture, if many of them do in a sixth of a second", () => {
    const guard = new FlashGuard()
    const frame: Frame = emptyFrame(64, 64)
    frame.states.fill(0)
    for (let picture = 0; picture < 120; picture++) {
      frame.steps.fill(picture)
      frame.states.forEach((_, index) => {
        frame.states[index] = index % 10 === picture % 8 ? 1 : 0
      })
      guard.note(frame, 10, Math.round((picture * 1_000) / 60))
    }
    assert.isAbove(guard.calm.until, 2_000)
  })

  it("FlashGuard goes down when that is over", () => {
    const guard = new FlashGuard()
    const frame = emptyFrame(64, 64)
    frame.states.fill(1)
    for (let step = 0; step < 10; step++) {
      frame.steps.fill(step)
      frame.states.fill(step % 2)
      guard.note(frame, 10, step * 50)
    }
    assert.isAbove(guard.calm.until, 2_300)
    assert.isAtMost(guard.calm.until, 2_500)
  })
})
