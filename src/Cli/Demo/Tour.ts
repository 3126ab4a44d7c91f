/** The games of `demo --games`, which are played in turn for ever. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type GameChoice, noChoice } from "../Game/GameOptions.ts"
import * as GamePlan from "../Game/GamePlan.ts"
import { UserError } from "../UserError.ts"
import { type Played, playedOf } from "./ClientsMessage.ts"

interface Stop {
  /** One line: what to look for. */
  readonly note: string
  readonly width: number
  readonly height: number
  readonly topology: string
  readonly rule?: string
  readonly patterns?: ReadonlyArray<string>
  readonly at?: ReadonlyArray<string>
  readonly flip?: ReadonlyArray<"none" | "horizontal" | "vertical">
  readonly density?: number
  /** Steps per second. */
  readonly speed: number
  /** It ends this many seconds after its first step, or earlier when its cells repeat. */
  readonly seconds: number
  /** Whether it repeats from its beginning, and is worth all its seconds. */
  readonly isPeriodic?: boolean
}

const stops: { readonly [name: string]: Stop } = {
  acorn: {
    note: "Acorn: seven cells, whose descendants settle only after thousands of steps.",
    ...{ width: 72, height: 48, topology: "torus", patterns: ["acorn"], speed: 12, seconds: 90 }
  },
  gun: {
    note: "A glider gun: every 30 steps a glider leaves it, and dies at the edge.",
    ...{ width: 64, height: 48, topology: "plane", patterns: ["gosper"], at: ["4,6"], speed: 12, seconds: 60 },
    isPeriodic: true
  },
  soup: {
    note: "Soup: random cells burn down to blocks, blinkers and the odd glider.",
    ...{ width: 64, height: 40, topology: "torus", density: 0.35, speed: 12, seconds: 120 }
  },
  brain: {
    note: "Brian's Brain: a cell that has lived must die for a step, so everything here flies.",
    ...{ width: 64, height: 40, topology: "torus", rule: "/2/3", density: 0.12, speed: 10, seconds: 45 }
  },
  race: {
    note: "A race: three spaceships at half the speed of light, and a glider at a quarter, which crosses their lanes.",
    ...{ width: 96, height: 48, topology: "torus", speed: 12, seconds: 60 },
    patterns: ["lwss", "mwss", "hwss", "glider"],
    at: ["6,84", "16,83", "27,82", "42,84"]
  },
  vote: {
    note: "A vote: each cell joins the majority around it, until no border moves any more.",
    ...{ width: 64, height: 40, topology: "torus", rule: "B5678/S45678", density: 0.5, speed: 3, seconds: 45 }
  }
}

const choiceOf = ({ density, height, rule, topology, width, ...given }: Stop): GameChoice => ({
  ...{ ...noChoice, ...given },
  width: Option.some(width),
  height: Option.some(height),
  topology: Option.some(topology),
  rule: Option.fromNullable(rule),
  density: Option.fromNullable(density)
})

/** The games with these names, separated by commas, in their order. */
export const plan = Effect.fn("Tour.plan")((text: string, speed: Option.Option<number>) =>
  Effect.forEach(text.split(","), (given, index) =>
    Effect.gen(function* () {
      const name = given.trim()
      const stop = Object.hasOwn(stops, name) ? stops[name] : undefined
      if (stop === undefined)
        return yield* UserError.of(
          `--games ${JSON.stringify(name)}: expected some of ${Object.keys(stops).join(", ")}, separated by commas`
        )
      const { isPeriodic = false, note, seconds } = stop
      const steps = Option.getOrElse(speed, () => stop.speed)
      const played: Played = {
        ...playedOf(yield* GamePlan.make(choiceOf(stop)), steps, false),
        tour: { index, note, seconds, stopWhen: isPeriodic ? "still" : "periodic" }
      }
      return played
    })
  )
)
