/** What screen readers are told, and when. */
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { Announcer, PAUSE } from "../../static/watch/Instruments/Announcer.ts"

const make = () => {
  const region = { textContent: "" }
  return { region, announcer: new Announcer(region) }
}

describe("Announcer", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }))
  afterEach(() => void vi.useRealTimers())

  it("a listener hears a sentence at most every eight seconds, and a new phase at once", () => {
    const { announcer, region } = make()
    announcer.say("running", "Step 1.")
    assert.strictEqual(region.textContent, "Step 1.")
    vi.advanceTimersByTime(PAUSE - 1)
    announcer.say("running", "Step 2.")
    assert.strictEqual(region.textContent, "Step 1.")
    announcer.say("ended", "The game has ended.")
    assert.strictEqual(region.textContent, "The game has ended.")
    announcer.say("ended", "The game has ended. Population 5.")
    assert.strictEqual(region.textContent, "The game has ended.")
    vi.advanceTimersByTime(PAUSE)
    announcer.say("ended", "The game has ended. Population 5.")
    assert.strictEqual(region.textContent, "The game has ended. Population 5.")
  })

  it("an answer is heard at once, and what comes by itself waits until it was heard", () => {
    const { announcer, region } = make()
    announcer.say("running", "Step 1.")
    assert.isTrue(announcer.answer("Row 3, column 4: alive."))
    assert.strictEqual(region.textContent, "Row 3, column 4: alive.")
    vi.advanceTimersByTime(PAUSE - 1)
    announcer.say("running", "Step 2.")
    assert.strictEqual(region.textContent, "Row 3, column 4: alive.")
    vi.advanceTimersByTime(1)
    announcer.say("running", "Step 2.")
    assert.strictEqual(region.textContent, "Step 2.")
  })

  it("what is said again is not a change, so it delays nothing", () => {
    const { announcer, region } = make()
    announcer.say("running", "Step 1.")
    vi.advanceTimersByTime(PAUSE)
    announcer.say("running", "Step 1.")
    announcer.say("running", "Step 2.")
    assert.strictEqual(region.textContent, "Step 2.")
  })

  it("a viewer who turns the announcements off hears nothing, and the present phase at once when they are on again", () => {
    const { announcer, region } = make()
    announcer.say("running", "Step 1.")
    announcer.isOn = false
    assert.strictEqual(region.textContent, "")
    announcer.say("ended", "The game has ended.")
    assert.isFalse(announcer.answer("Row 3, column 4: alive."))
    assert.strictEqual(region.textContent, "")
    announcer.isOn = true
    announcer.say("running", "Step 9.")
    assert.strictEqual(region.textContent, "Step 9.")
  })
})
