/** The referee of a game: compares every state of every cell with a simulation, and keeps the first difference. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Grid from "../Universe/Grid.ts"
import type { Rule, State } from "../Universe/Rule.ts"
import { Simulator } from "../Universe/Simulator.ts"
import type { Topology } from "../Universe/Topology.ts"
import { Frames } from "./Frames.ts"

const describe = (state: State): string => `${state} (${state === 0 ? "dead" : state === 1 ? "alive" : "dying"})`

/**
 * A cell published a state that differs from the simulation (`wrong`), from what it published before for the same step
 * (`contradicting`), or that no cell can publish (`impossible`: no such cell, or a step that no cell can have reached).
 */
export class Difference extends Schema.TaggedError<Difference>()("Difference", {
  step: Schema.Number,
  row: Schema.Number,
  col: Schema.Number,
  seen: Schema.Number,
  expected: Schema.UndefinedOr(Schema.Number),
  reason: Schema.Literal("wrong", "contradicting", "impossible")
}) {
  override get message(): string {
    const expected =
      this.reason === "impossible"
        ? "nothing: there is no such cell, or no cell can have reached this step"
        : this.expected === undefined
          ? "the state that it published before"
          : describe(this.expected)
    return `Cell at row ${this.row}, column ${this.col}, step ${this.step}: expected ${expected}, seen ${describe(this.seen)}`
  }
}

export class Check {
  readonly #frames: Frames
  readonly #simulator: Simulator
  #difference = Option.none<Difference>()

  readonly #from: number

  /** The step of the grid from which the simulation starts. */
  readonly #start: number

  /** The simulation starts from the grid `start` at step `startStep`. Frames are compared from step `from` on. */
  constructor(start: Grid.Grid, rule: Rule, topology: Topology, from = 0, startStep = 0) {
    this.#simulator = new Simulator(start, rule, topology)
    this.#frames = new Frames(start.width, start.height, (step, grid) => this.#compare(step, grid), from)
    this.#from = from
    this.#start = startStep
  }

  /** The number of whole frames that have been compared. */
  get frames(): number {
    return this.#frames.next - this.#from
  }

  get difference(): Option.Option<Difference> {
    return this.#difference
  }

  /** Takes a state that a cell published. States may come in any order that is possible for cells in lockstep. */
  receive(step: number, row: number, col: number, seen: State): void {
    const receipt = this.#frames.receive(step, row, col, seen)
    if (receipt === "taken" || receipt === "repeated") return
    this.#differ(new Difference({ step, row, col, seen, expected: undefined, reason: receipt }))
  }

  #compare(step: number, { cells, height, width }: Grid.Grid): void {
    if (Option.isSome(this.#difference)) return
    this.#simulator.run(step - this.#start - this.#simulator.generation)
    for (let row = 0, index = 0; row < height; row++) {
      for (let col = 0; col < width; col++, index++) {
        const expected = this.#simulator.stateAt(row, col)
        const seen = cells[index]!
        if (seen === expected) continue
        return this.#differ(new Difference({ step, row, col, expected, seen, reason: "wrong" }))
      }
    }
  }

  #differ(difference: Difference): void {
    if (Option.isNone(this.#difference)) this.#difference = Option.some(difference)
  }
}
