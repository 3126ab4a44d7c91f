import * as Schema from "effect/Schema"
import type { Op } from "../Op.ts"
import { acting, field, type StepParts } from "./StepParts.ts"

export interface Repeat<S> {
  /** Absent: repeat until the end of `--duration`. */
  readonly times?: number | undefined
  readonly steps: ReadonlyArray<S>
}

export const make = <S, E>(steps: Schema.Schema<ReadonlyArray<S>, ReadonlyArray<E>>) =>
  field<Repeat<S>, Repeat<E>>(
    Schema.Struct({ times: Schema.optional(Schema.Int.pipe(Schema.positive())), steps }),
    "Repeat steps; without times, until the end of --duration"
  ).field

const round = (depth: number, times: number | undefined, end: () => number): Op => ({
  _tag: "Round",
  run: (client) => {
    if (times === undefined) return client.enterPaced(end(), depth)
    const { rounds } = client.values
    if (rounds[depth]! >= times) {
      rounds[depth] = 0
      client.at = end()
    } else {
      rounds[depth]!++
      client.at++
    }
  }
})

/** `Loop` starts the repeat, `Round` begins each round or jumps to the end, and `Jump` goes back to `Round`. */
export const of = <S>({ steps, times }: Repeat<S>): StepParts<S> => ({
  kind: "repeat",
  nested: [{ path: ["repeat", "steps"], steps }],
  repeats: { times },
  compile: ({ add, nest, openEnded, ops, steps: compile }, { place }) => {
    const { depth } = place
    const inside = () => {
      nest(depth + 1)
      add(
        acting("Loop", ({ values }) => {
          values.rounds[depth] = 0
        })
      )
      const begin = ops.length
      let end = 0
      add(round(depth, times, () => end))
      const refused = compile(steps, { depth: depth + 1, mayEnd: false })
      if (refused !== undefined) return refused
      add({
        _tag: "Jump",
        to: begin,
        run: (client) => {
          client.at = begin
        }
      })
      end = ops.length
      return undefined
    }
    return times === undefined ? openEnded(place, steps, inside) : inside()
  }
})
