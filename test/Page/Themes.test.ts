import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { emptyFrame, stepRange } from "../../static/watch/Model/Model.ts"
import type { Colour } from "../../static/watch/Stage/Colour.ts"
import type { Scheme } from "../../static/watch/Stage/Themes.ts"
import { themes, vacancies } from "../../static/watch/Stage/Themes.ts"

/** Relative luminance, as WCAG defines it. */
const luminance = (colour: Colour): number => {
  const channel = (shift: number) => {
    const value = ((colour >>> shift) & 255) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(0) + 0.7152 * channel(8) + 0.0722 * channel(16)
}

const contrast = (first: Colour, second: Colour): number => {
  const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

const schemes: ReadonlyArray<Scheme> = ["light", "dark"]

/** A frame of cells with any history. */
const frame = FastCheck.array(
  FastCheck.record({
    state: FastCheck.nat(1),
    step: FastCheck.nat(500),
    age: FastCheck.nat(255),
    heat: FastCheck.nat(255)
  }),
  { minLength: 1, maxLength: 50 }
).map((cells) => {
  const made = emptyFrame(cells.length, 1)
  made.states.set(cells.map(({ state }) => state))
  made.steps.set(cells.map(({ step }) => step))
  made.ages.set(cells.map(({ age }) => age))
  made.heats.set(cells.map(({ heat }) => heat))
  return made
})

describe("Themes", () => {
  for (const scheme of schemes)
    for (const theme of themes)
      it.prop(`${theme.name}, ${scheme}: the living stand out from the dead by their lightness`, [frame], ([frame]) => {
        const pixels = new Uint32Array(frame.states.length)
        theme.paint(frame, scheme, pixels)
        pixels.forEach((colour, index) => {
          assert.strictEqual(colour >>> 24, 255, "opaque")
          pixels.forEach((other, beside) => {
            if (frame.states[index] === 1 && frame.states[beside] === 0) assert.isAbove(contrast(colour, other), 3)
          })
        })
      })

  /** A live cell of any age at any step, a dead one beside it, and all that die. */
  const dying = FastCheck.tuple(
    FastCheck.oneof(FastCheck.integer({ min: 3, max: 8 }), FastCheck.constant(255)),
    FastCheck.nat(255),
    FastCheck.nat(500),
    FastCheck.nat(255)
  ).map(([stateCount, age, step, heat]) => {
    const made = emptyFrame(stateCount, 1, stateCount)
    made.states.set(Array.from({ length: stateCount }, (_, state) => state))
    made.steps.fill(step)
    made.ages.fill(age)
    made.heats.fill(heat)
    return made
  })

  for (const scheme of schemes)
    for (const theme of themes)
      it.prop(`${theme.name}, ${scheme}: the dying differ from the living and the dead`, [dying], ([frame]) => {
        const pixels = new Uint32Array(frame.states.length)
        theme.paint(frame, scheme, pixels)
        const [dead, alive, first, ...others] = pixels
        assert.isAbove(contrast(alive!, dead!), 3)
        assert.isAbove(contrast(first!, alive!), 1.2)
        assert.isAbove(contrast(first!, dead!), theme.name === "lag" ? 1.5 : 2.4)
        for (const colour of others) assert.isAbove(contrast(colour, dead!), 1.3)
        // A small number of states must also have distinguishable colours.
        if (theme.name !== "lag" && frame.stateCount < 9) assert.strictEqual(new Set(pixels).size, frame.stateCount)
      })

  for (const theme of themes.filter(({ name }) => name !== "lag"))
    it.prop(
      `${theme.name}: a cell has the colour that it has alone, whatever the steps of others`,
      [frame],
      ([frame]) => {
        const pixels = new Uint32Array(frame.states.length)
        theme.paint(frame, "light", pixels)
        const alone = Array.from(pixels, (_, index) => {
          const made = emptyFrame(1, 1)
          for (const each of ["states", "steps", "ages", "heats"] as const) made[each][0] = frame[each][index]!
          const pixel = new Uint32Array(1)
          theme.paint(made, "light", pixel)
          return pixel[0]!
        })
        assert.deepStrictEqual([...pixels], alone)
      }
    )

  for (const scheme of schemes)
    it(`${scheme}: arrivals can be told from empty places`, () => {
      const [empty, taken, ready] = vacancies[scheme]
      assert.isAbove(contrast(empty, ready), 3)
      assert.isAbove(contrast(empty, taken), 1.3)
      assert.isAbove(contrast(taken, ready), 1.3)
    })

  /** The luminance of a live and of a dead cell, as only one of its properties changes. */
  const along = (theme: string, scheme: Scheme, state: number, property: "steps" | "ages" | "heats", count: number) =>
    Array.from({ length: count }, (_, value) => {
      const made = emptyFrame(3, 1)
      // The two others are at the ends of the range, for the theme that compares steps.
      made.steps.set([20, 22, 21])
      made.states.fill(state)
      if (property === "steps") made.steps[2] = 20 + (value % 3)
      else made[property][2] = value
      if (property === "steps" && theme !== "lag") made.steps.fill(value + 1)
      const pixels = new Uint32Array(3)
      themes.find(({ name }) => name === theme)!.paint(made, scheme, pixels)
      return luminance(pixels[2]!)
    })

  for (const scheme of schemes)
    for (const state of [0, 1])
      it(`${scheme}: a cell that stays ${state === 1 ? "alive" : "dead"} does not flash`, () => {
        for (const { name } of themes) {
          // Ten percent of the greatest luminance, in both directions, is a flash.
          const steps = along(name, scheme, state, "steps", 40)
          assert.isBelow(Math.max(...steps) - Math.min(...steps), 0.1, `${name} by step`)
          for (const property of ["ages", "heats"] as const) {
            const levels = along(name, scheme, state, property, 256)
            let [up, down] = [0, 0]
            for (let index = 1; index < levels.length; index++) {
              const change = levels[index]! - levels[index - 1]!
              if (change > 0) up += change
              else down -= change
            }
            assert.isBelow(Math.min(up, down), 0.1, `${name} by ${property}`)
          }
        }
      })

  it("lead and lag shows who is ahead, and all in step as equal", () => {
    const lag = themes.find(({ name }) => name === "lag")!
    const made = emptyFrame(3, 1)
    made.states.fill(1)
    made.steps.set([7, 8, 9])
    const pixels = new Uint32Array(3)
    lag.paint(made, "light", pixels)
    assert.strictEqual(new Set(pixels).size, 3)
    made.steps.fill(8)
    lag.paint(made, "light", pixels)
    assert.strictEqual(new Set(pixels).size, 1)
  })

  it("Themes leaves cells alone that have not told a state, and takes no step from them", () => {
    const made = emptyFrame(2, 1)
    made.states[1] = 1
    made.steps[1] = 4
    for (const theme of themes) {
      const pixels = Uint32Array.of(42, 42)
      theme.paint(made, "light", pixels)
      assert.strictEqual(pixels[0], 42)
      assert.notStrictEqual(pixels[1], 42)
    }
    assert.deepStrictEqual(stepRange(made), { min: 4, max: 4 })
    assert.deepStrictEqual(stepRange(emptyFrame(2, 2)), { min: -1, max: -1 })
  })
})
