/**
 * Writes complete steps as RLE: the last one to a file, or several, each to its own file. Apart from `GameView`, which reads
 * no grid.
 */
import { dirname } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Pattern from "../../Life/Pattern/Pattern.ts"
import * as RleWriter from "../../Life/Pattern/RleWriter.ts"
import * as OutputFiles from "../OutputFiles.ts"
import { UserError } from "../UserError.ts"
import type { RunChoice } from "./GameOptions.ts"
import type { GamePlan } from "./GamePlan.ts"
import type { Frame } from "./GameRun.ts"

export interface StepFiles {
  /** Write every Nth step during the game; `undefined`: only the last step. */
  readonly every: number | undefined
  readonly write: (plan: GamePlan, frame: Frame) => Effect.Effect<void, UserError>
}

/** This part of a file name is replaced by the number of the step. */
const STEP = "{step}"

/** The number has at least seven digits, so that the names sort in the order of the steps up to ten million. */
const nameOf = (name: string, step: number): string => name.replaceAll(STEP, String(step).padStart(7, "0"))

export const rleOf = ({ rule, topology }: Pick<GamePlan, "rule" | "topology">, { grid, step }: Frame): string =>
  RleWriter.write(Pattern.make(grid, { rule }), { topology, generation: step })

const cannotWrite = (path: string, message: string) =>
  UserError.of(`--output ${path}: it cannot be written (${message})`)

/** Opens the files. Fails before the game begins if a file can't be written. */
export const open = Effect.fn("StepFiles.open")(function* ({
  output,
  saveEvery
}: Pick<RunChoice, "output" | "saveEvery">) {
  const every = Option.getOrUndefined(saveEvery)
  const name = Option.getOrUndefined(output)
  if (every !== undefined && name?.includes(STEP) !== true) {
    return yield* UserError.of(
      `--save-every ${every} needs a name for each step: give one with {step} in it, such as --output 'steps/{step}.rle'`
    )
  }
  if (name === undefined) return Option.none<StepFiles>()
  if (!name.includes(STEP)) {
    const file = yield* OutputFiles.open("--output", output)
    return Option.map(file, ({ write }): StepFiles => ({ every, write: (plan, frame) => write(rleOf(plan, frame)) }))
  }
  const fs = yield* FileSystem.FileSystem
  yield* Effect.mapError(fs.access(dirname(name), { writable: true }), ({ message }) => cannotWrite(name, message))
  return Option.some<StepFiles>({
    every,
    write: (plan, frame) => {
      const path = nameOf(name, frame.step)
      return Effect.mapError(fs.writeFileString(path, rleOf(plan, frame)), ({ message }) => cannotWrite(path, message))
    }
  })
})
