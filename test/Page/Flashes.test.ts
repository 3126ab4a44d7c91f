/** Counts the flashes of the drawn picture, by WCAG 2.3.1: for every theme, both appearances, several rules, speeds and rates. */
import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as RandomStart from "../../src/Life/Universe/RandomStart.ts"
import * as RuleText from "../../src/Life/Universe/RuleText.ts"
import { Simulator } from "../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { DrawPace, type PaceChoice } from "../../static/watch/Model/DrawPace.ts"
import { FlashGuard } from "../../static/watch/Model/FlashGuard.ts"
import { heatAfter } from "../../static/watch/Model/Heat.ts"
import { emptyFrame, type Frame } from "../../static/watch/Model/Model.ts"
import { rates } from "../../static/watch/Model/Preferences.ts"
import type { Scheme } from "../../static/watch/Stage/Themes.ts"
import { themes } from "../../static/watch/Stage/Themes.ts"

/** A grid of 32 x 32 cells with 16 pixels each: 512 x 512 pixels, so that a field of sight of 341 x 256 has 21 x 16 cells. */
const side = 32
const scale = 16
const field = { width: 21, height: 16 }
const areaLimit = (field.width * field.height) / 4

/** The light of the channels of a colour, from 0 to 1. */
const channels = (colour: number) =>
  [0, 8, 16].map((shift) => {
    const value = ((colour >>> shift) & 255) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]

const appearances = new Map<number, { readonly luminance: number; readonly isRed: boolean }>()

/** The relative luminance of a colour, and whether it is a saturated red. */
const appearanceOf = (colour: number) => {
  const known = appearances.get(colour)
  if (known !== undefined) return known
  const [red, green, blue] = channels(colour)
  const appearance = {
    luminance: 0.2126 * red + 0.7152 * green + 0.0722 * blue,
    isRed: red > 0 && red / (red + green + blue) >= 0.8
  }
  appearances.set(colour, appearance)
  return appearance
}

/** Counts, picture by picture, the cells whose luminance turns by ten percent of white, and those that become or cease to be red. */
class FlashCount {
  /** The times of pictures in which more than a quarter of a field turned. */
  readonly times: Array<number> = []
  readonly reds: Array<number> = []
  readonly #turn = new Float64Array(side * side).fill(Number.NaN)
  readonly #direction = new Int8Array(side * side)
  readonly #red = new Uint8Array(side * side)

  see(pixels: Uint32Array, time: number): void {
    const turned = new Uint8Array(pixels.length)
    const reddened = new Uint8Array(pixels.length)
    pixels.forEach((colour, index) => {
      const { isRed, luminance } = appearanceOf(colour)
      const from = this.#turn[index]!
      const change = Number.isNaN(from) ? 0 : luminance - from
      const direction = Math.sign(change)
      if (Number.isNaN(from) || direction === this.#direction[index]) this.#turn[index] = luminance
      // The darker of the two must be darker than 80 percent of white.
      else if (Math.abs(change) >= 0.1 && Math.min(from, luminance) < 0.8) {
        turned[index] = 1
        this.#direction[index] = direction
        this.#turn[index] = luminance
      }
      if (Number(isRed) !== this.#red[index]) reddened[index] = 1
      this.#red[index] = Number(isRed)
    })
    if (isLarge(turned)) this.times.push(time)
    if (isLarge(reddened)) this.reds.push(time)
  }
}

const isLarge = (cells: Uint8Array): boolean => {
  const sums = new Uint32Array((side + 1) * (side + 1))
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      sums[(row + 1) * (side + 1) + column + 1] =
        cells[row * side + column]! +
        sums[row * (side + 1) + column + 1]! +
        sums[(row + 1) * (side + 1) + column]! -
        sums[row * (side + 1) + column]!
  const at = (row: number, column: number) => sums[row * (side + 1) + column]!
  for (let row = 0; row + field.height <= side; row++)
    for (let column = 0; column + field.width <= side; column++) {
      const [bottom, right] = [row + field.height, column + field.width]
      if (at(bottom, right) - at(row, right) - at(bottom, column) + at(row, column) > areaLimit) return true
    }
  return false
}

/** The most of these times that are in one second. */
const mostInASecond = (times: ReadonlyArray<number>): number =>
  times.reduce((most, from) => Math.max(most, times.filter((time) => time >= from && time < from + 1_000).length), 0)

const start = RandomStart.make({ width: side, height: side, seed: 7, density: 0.4, symmetry: "C1" })

/** Plays a rule at a speed for some seconds of the page's time. `draw` is called for each picture that is drawn. */
const play = (rule: string, speed: number, choice: PaceChoice, draw: (frame: Frame, now: number) => void) => {
  const parsed = Either.getOrThrow(RuleText.parse(rule))
  const simulator = new Simulator(start, parsed, Topology.torus(side, side))
  const frame = emptyFrame(side, side, parsed.states)
  const pace = new DrawPace(choice)
  const guard = new FlashGuard()
  /** Half of the cells take each step later than the others, as cells do. */
  const take = (isLate: boolean) => {
    for (let index = 0; index < frame.states.length; index++) {
      if (((Math.imul(index, 2_654_435_761) >>> 16) & 1) !== Number(isLate)) continue
      const state = simulator.stateAt(Math.floor(index / side), index % side)
      const hasChanged = state !== frame.states[index]
      frame.ages[index] = hasChanged ? 0 : Math.min(255, frame.ages[index]! + 1)
      frame.heats[index] = heatAfter(frame.heats[index]!, 1, hasChanged)
      frame.states[index] = state
      frame.steps[index] = simulator.generation
    }
  }
  take(false)
  take(true)
  let version = 0
  let drawn = -1
  let half = 0
  for (let picture = 0; picture < 60 * seconds; picture++) {
    const now = (picture * 1_000) / 60
    for (; half < (now * speed * 2) / 1_000; half++) {
      if (half % 2 === 0) simulator.run(1)
      take(half % 2 === 1)
      version++
    }
    if (version === drawn || now < pace.dueAt(now) - 4) continue
    drawn = version
    pace.draw(now)
    guard.note(frame, scale, now)
    pace.calm = guard.calm
    draw(frame, now)
  }
}

const seconds = 3

/** Soups, waves of dying cells, and rules that strobe: "B0" makes all cells live and die in turn. */
const rules = ["B3/S23", "B2/S/3", "B3678/S34678", "B0/S"]

/** The viewer is warned of the others. */
const safe = rates.filter(({ label }) => !/may flash/.test(label))

describe("The drawn picture", () => {
  for (const { label, rate } of safe)
    it(`The drawn picture flashes at most three times in any second, drawn ${label}`, () => {
      const choice = { interval: rate === "game" ? 0 : rate, isGuarded: rate === "game" }
      for (const rule of rules)
        for (const speed of rate === "game" ? [4, 12, 30] : [30]) {
          const counts = themes.flatMap((theme) =>
            (["light", "dark"] satisfies Array<Scheme>).map((scheme) => ({ theme, scheme, count: new FlashCount() }))
          )
          const pixels = new Uint32Array(side * side)
          let pictures = 0
          play(rule, speed, choice, (frame, now) => {
            pictures++
            for (const { count, scheme, theme } of counts) {
              theme.paint(frame, scheme, pixels)
              count.see(pixels, now)
            }
          })
          assert.isAtLeast(pictures, 3)
          for (const { count, scheme, theme } of counts) {
            const where = `${theme.label}, ${scheme}, ${rule} at ${speed} steps a second`
            // Two opposite changes are one flash.
            assert.isAtMost(mostInASecond(count.times), 6, where)
            assert.isAtMost(mostInASecond(count.reds), 6, `red: ${where}`)
          }
        }
    })

  it("The drawn picture would flash more often without the guard, so the count is able to tell", () => {
    const count = new FlashCount()
    const pixels = new Uint32Array(side * side)
    play("B0/S", 30, { interval: 0, isGuarded: false }, (frame, now) => {
      themes[0]!.paint(frame, "dark", pixels)
      count.see(pixels, now)
    })
    assert.isAbove(mostInASecond(count.times), 20)
  })
})
