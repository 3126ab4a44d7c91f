/** The options that `life` and `demo` share. */
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { symmetries } from "../../Life/Universe/Symmetry.ts"
import * as OptionKinds from "../OptionKinds.ts"

/** The most cells of a game and so its longest side. A server allows the same number by default. */
export const MAX_CELLS = 1_000_000

const side = OptionKinds.whole(1, MAX_CELLS)

const value = <A>(name: string, kind: OptionKinds.Kind<A>, description: string, alias?: string) =>
  Options.optional(OptionKinds.value(name, kind, description, alias))

/** The options for the first step: its cells, its grid and its rule. */
export const gameOptions = {
  size: value(
    "size",
    side,
    "Width and height of the grid, in cells. (default: the size in the pattern's file, else 32, or more if a pattern needs more)",
    "s"
  ),
  width: value("width", side, "Width of the grid, if it is not square. (default: --size)"),
  height: value("height", side, "Height of the grid, if it is not square. (default: --size)"),
  patterns: OptionKinds.text(
    "pattern",
    "PATTERN",
    "The start: a pattern of the library (`life patterns` lists them), a file, or - for standard input. Repeatable. (default: a random start; demo: galaxy)"
  ).pipe(Options.withAlias("p"), Options.repeated),
  at: OptionKinds.texts(
    "at",
    "ROW,COL",
    "The place of a pattern's top left cell, counted from 0, or centre. Give it once for all patterns, or once for each in their order."
  ),
  rotate: OptionKinds.values(
    "rotate",
    OptionKinds.choice("0", "90", "180", "270"),
    "Rotate a pattern clockwise: 0, 90, 180 or 270 degrees. Give it once for all patterns, or once for each in their order."
  ),
  flip: OptionKinds.values(
    "flip",
    OptionKinds.choice("none", "horizontal", "vertical"),
    "Mirror a pattern before it is rotated: horizontal exchanges left and right, vertical exchanges top and bottom, none does nothing. Give it once for all patterns, or once for each in their order."
  ),
  noCenter: OptionKinds.flag("no-center", "Put patterns in the top left corner instead of the centre.").pipe(
    Options.withAlias("C")
  ),
  noWrap: OptionKinds.flag("no-wrap", "Do not join the edges: the same as --topology plane.").pipe(
    Options.withAlias("W")
  ),
  topology: OptionKinds.optionalText(
    "topology",
    "TOPOLOGY",
    "How the edges are joined: torus, plane, klein, cross-surface, sphere, or Golly's notation such as T30+5,20. (default: the topology in the pattern's file, else torus)"
  ),
  rule: OptionKinds.optionalText(
    "rule",
    "RULE",
    "The rule, such as B3/S23, 345/2/4 or HighLife. (default: the rule in the pattern's file, else B3/S23, Conway's)"
  ),
  density: value(
    "density",
    OptionKinds.probability,
    "Probability that a cell is alive in a random start, from 0 to 1. (default: 0.25)"
  ),
  seed: value("seed", OptionKinds.whole(0), "Seed of a random start: the same seed gives the same start."),
  symmetry: value(
    "symmetry",
    OptionKinds.choice(...symmetries),
    `Symmetry of a random start, with Catagolue's names: ${symmetries.join(", ")}. (default: C1, no symmetry)`
  )
}

export type GameChoice = Command.Command.ParseConfig<typeof gameOptions>

/** How a game is run and reported. */
export const runOptions = {
  steps: value("steps", OptionKinds.whole(0), "Number of steps. (default: no end)", "n"),
  speed: value("speed", OptionKinds.rate("steps"), "The most steps per second. (default: 1; demo: 4)", "l"),
  connectRate: value(
    "connect-rate",
    OptionKinds.rate("connections"),
    "The most connections to open per second. (default: as fast as the server accepts them)"
  ),
  stopWhen: value(
    "stop-when",
    OptionKinds.choice("dead", "still", "periodic"),
    "End early: dead, when no cell is alive; still, when nothing changes any more; periodic, when the same steps repeat."
  ),
  output: OptionKinds.optionalText(
    "output",
    "FILE",
    "Write the last complete step to this file, as RLE; - for standard output. {step} in the name is replaced by the number of the step."
  ),
  saveEvery: value(
    "save-every",
    OptionKinds.whole(1),
    "Also write every Nth complete step, each to its own file. The name in --output must contain {step}."
  ),
  census: OptionKinds.flag(
    "census",
    "Count the still lifes, oscillators and spaceships of the last complete step, with their names in the library."
  ),
  check: OptionKinds.flag(
    "check",
    "Compare every state of every cell with a simulation. The first difference ends the game with exit status 1."
  ),
  giveUp: value(
    "give-up",
    OptionKinds.duration(),
    "How long to try to reconnect cells that lost their connection. (default: no end)"
  ),
  json: OptionKinds.optionalText(
    "json",
    "FILE",
    "Write figures as JSON lines to this file, one line per second and one at the end; to standard output for -, or without a file."
  ),
  quiet: OptionKinds.flag("quiet", "Write only errors.").pipe(Options.withAlias("q"))
}

export type RunChoice = Command.Command.ParseConfig<typeof runOptions>
