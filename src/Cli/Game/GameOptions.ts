/** The options of `life` and `demo` that say which game is played. */
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { symmetries } from "../../Life/Universe/Symmetry.ts"
import * as OptionKinds from "../OptionKinds.ts"

/** The most cells that a game may have, and so the longest side: what a server allows unless told otherwise. */
export const MOST_CELLS = 1_000_000

const side = OptionKinds.whole(1, MOST_CELLS)

const value = <A>(name: string, kind: OptionKinds.Kind<A>, description: string, alias?: string) =>
  Options.optional(OptionKinds.value(name, kind, description, alias))

/** The options for the first step: its cells, its grid and its rule. */
export const gameOptions = {
  size: value(
    "size",
    side,
    "Cells in a row and in a column. (default: as the pattern's file says, else 32, or more if a pattern needs more)",
    "s"
  ),
  width: value("width", side, "Cells in a row, if the grid is not square. (default: --size)"),
  height: value("height", side, "Cells in a column, if the grid is not square. (default: --size)"),
  patterns: OptionKinds.text(
    "pattern",
    "PATTERN",
    "A pattern: a name of the library (`life patterns` lists them), a file, or - for standard input. Repeatable. (default: a random start; demo: galaxy)"
  ).pipe(Options.withAlias("p"), Options.repeated),
  at: OptionKinds.texts(
    "at",
    "ROW,COL",
    "Where a pattern's top left cell is, counted from 0, or centre. Once for all patterns, or once for each in their order."
  ),
  rotate: OptionKinds.values(
    "rotate",
    OptionKinds.choice("0", "90", "180", "270"),
    "Turn a pattern clockwise: 0, 90, 180 or 270 degrees. Once for all patterns, or once for each in their order."
  ),
  flip: OptionKinds.values(
    "flip",
    OptionKinds.choice("none", "horizontal", "vertical"),
    "Mirror a pattern before it is turned: horizontal exchanges left and right, vertical top and bottom, none neither. Once for all, or once for each."
  ),
  noCenter: OptionKinds.flag("no-center", "Put patterns in the top left corner instead of the centre.").pipe(
    Options.withAlias("C")
  ),
  noWrap: OptionKinds.flag("no-wrap", "The world ends at the edges: the same as --topology plane.").pipe(
    Options.withAlias("W")
  ),
  topology: OptionKinds.optionalText(
    "topology",
    "TOPOLOGY",
    "How the edges are joined: torus, plane, klein, cross-surface, sphere, or as Golly writes it, such as T30+5,20. (default: as the pattern's file says, else torus)"
  ),
  rule: OptionKinds.optionalText(
    "rule",
    "RULE",
    "The rule, such as B3/S23, 345/2/4 or HighLife. (default: as the pattern's file says, else Conway's)"
  ),
  density: value(
    "density",
    OptionKinds.probability,
    "Probability that a cell is alive in a random start, from 0 to 1. (default: 0.25)"
  ),
  seed: value("seed", OptionKinds.whole(0), "Number of a random start: the same number makes the same start."),
  symmetry: value(
    "symmetry",
    OptionKinds.choice(...symmetries),
    `Symmetry of a random start, by Catagolue's names: ${symmetries.join(", ")}. (default: C1, no symmetry)`
  )
}

export type GameChoice = Command.Command.ParseConfig<typeof gameOptions>

/** How a game is run and reported. */
export const runOptions = {
  steps: value("steps", OptionKinds.whole(0), "Steps to make. (default: until it is interrupted)", "n"),
  speed: value("speed", OptionKinds.rate("steps"), "Most steps in a second. (default: 1; demo: 4)", "l"),
  connectRate: value(
    "connect-rate",
    OptionKinds.rate("connections"),
    "Most connections to open in a second. (default: as many as the server takes)"
  ),
  stopWhen: value(
    "stop-when",
    OptionKinds.choice("dead", "still", "periodic"),
    "End early: dead, when no cell is alive; still, when nothing changes any more; periodic, when the same states come again and again."
  ),
  output: OptionKinds.optionalText(
    "output",
    "FILE",
    "Write the last complete step to this file, as RLE; - for standard output. {step} in its name stands for the step."
  ),
  saveEvery: value(
    "save-every",
    OptionKinds.whole(1),
    "Also write every Nth complete step, each to its own file: --output must have {step} in its name."
  ),
  census: OptionKinds.flag(
    "census",
    "Count the still lifes, oscillators and spaceships of the last complete step, by their names in the library."
  ),
  check: OptionKinds.flag(
    "check",
    "Compare every state of every cell with a simulation. At the first difference the game ends, with exit status 1."
  ),
  giveUp: value(
    "give-up",
    OptionKinds.duration(),
    "How long to try to get lost connections back. (default: without end)"
  ),
  json: OptionKinds.optionalText(
    "json",
    "FILE",
    "Write figures as JSON lines to this file, one a second and one at the end; to standard output for -, or without a file."
  ),
  quiet: OptionKinds.flag("quiet", "Write nothing but errors.").pipe(Options.withAlias("q"))
}

export type RunChoice = Command.Command.ParseConfig<typeof runOptions>
