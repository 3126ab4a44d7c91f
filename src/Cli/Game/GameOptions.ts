/** The options that `life` and `demo` share. */
import * as Option from "effect/Option"
import { symmetries } from "../../Life/Universe/Symmetry.ts"
import * as Kind from "../../Text/Kind.ts"
import * as Flag from "../Flag.ts"

/** The most cells of a game and so its longest side. A server allows the same number by default. */
export const MAX_CELLS = 1_000_000

const side = Kind.whole(1, MAX_CELLS)

const value = <A>(name: string, kind: Kind.Kind<A>, description: string, alias?: string) =>
  Flag.optional(Flag.value(name, kind, description, alias))

/** The options for the first step: its cells, its grid and its rule. */
export const gameOptions = {
  ...Flag.group("The grid and its first step", {
    size: value(
      "size",
      side,
      "Width and height of the grid, in cells. (default: the size in the pattern's file, else 32, or more if a pattern needs more)",
      "s"
    ),
    width: value("width", side, "Width of the grid, if it is not square. (default: --size)"),
    height: value("height", side, "Height of the grid, if it is not square. (default: --size)"),
    patterns: Flag.text(
      "pattern",
      "PATTERN",
      "The start: a pattern of the library (`life patterns` lists them), a file, or - for standard input. Repeatable. (default: a random start; demo: galaxy)"
    ).pipe(Flag.withAlias("p"), Flag.repeated),
    at: Flag.texts(
      "at",
      "ROW,COL",
      "The place of a pattern's top left cell, counted from 0, or centre. Give it once for all patterns, or once for each in their order."
    ),
    rotate: Flag.values(
      "rotate",
      Kind.choice("0", "90", "180", "270"),
      "Rotate a pattern clockwise: 0, 90, 180 or 270 degrees. Give it once for all patterns, or once for each in their order."
    ),
    flip: Flag.values(
      "flip",
      Kind.choice("none", "horizontal", "vertical"),
      "Mirror a pattern before it is rotated: horizontal exchanges left and right, vertical exchanges top and bottom, none does nothing. Give it once for all patterns, or once for each in their order."
    ),
    noCenter: Flag.flag("no-center", "Put patterns in the top left corner instead of the centre.").pipe(
      Flag.withAlias("C")
    ),
    density: value(
      "density",
      Kind.probability,
      "Probability that a cell is alive in a random start, from 0 to 1. (default: 0.25)"
    ),
    seed: value("seed", Kind.whole(0), "Seed of a random start: the same seed gives the same start."),
    symmetry: value(
      "symmetry",
      Kind.choice(...symmetries),
      `Symmetry of a random start, with Catagolue's names: ${symmetries.join(", ")}. (default: C1, no symmetry)`
    )
  }),
  ...Flag.group("Rule and edges", {
    rule: Flag.optionalText(
      "rule",
      "RULE",
      "The rule, such as B3/S23, 345/2/4 or HighLife. (default: the rule in the pattern's file, else B3/S23, Conway's)"
    ),
    topology: Flag.optionalText(
      "topology",
      "TOPOLOGY",
      "How the edges are joined: torus, plane, klein, cross-surface, sphere, or Golly's notation such as T30+5,20. (default: the topology in the pattern's file, else torus)"
    ),
    noWrap: Flag.flag("no-wrap", "Do not join the edges: the same as --topology plane.").pipe(Flag.withAlias("W"))
  })
}

export type GameChoice = Flag.Given<typeof gameOptions>

/** The choice of somebody who gives no option. */
export const noChoice: GameChoice = {
  ...{ size: Option.none(), width: Option.none(), height: Option.none(), topology: Option.none(), rule: Option.none() },
  ...{ patterns: [], at: [], rotate: [], flip: [], noCenter: false, noWrap: false },
  ...{ density: Option.none(), seed: Option.none(), symmetry: Option.none() }
}

/** How a game is run and reported. */
export const runOptions = {
  ...Flag.group("The run", {
    steps: value("steps", Kind.whole(0), "Number of steps. (default: no end)", "n"),
    speed: value("speed", Kind.rate("steps"), "The most steps per second. (default: 1; demo: 4)", "l"),
    stopWhen: value(
      "stop-when",
      Kind.choice("dead", "still", "periodic"),
      "End early: dead, when no cell is alive; still, when nothing changes any more; periodic, when the same steps repeat."
    ),
    check: Flag.flag(
      "check",
      "Compare every state of every cell with a simulation. The first difference ends the game with exit status 1."
    ),
    connectRate: value(
      "connect-rate",
      Kind.rate("connections"),
      "The most connections to open per second. (default: as fast as the server accepts them)"
    ),
    giveUp: value(
      "give-up",
      Kind.duration(),
      "How long to try to reconnect cells that lost their connection. (default: no end)"
    )
  }),
  ...Flag.group("Output", {
    output: Flag.optionalText(
      "output",
      "FILE",
      "Write the last complete step to this file, as RLE; - for standard output. {step} in the name is replaced by the number of the step."
    ),
    saveEvery: value(
      "save-every",
      Kind.whole(1),
      "Also write every Nth complete step, each to its own file. The name in --output must contain {step}."
    ),
    census: Flag.flag(
      "census",
      "Count the still lifes, oscillators and spaceships of the last complete step, with their names in the library."
    ),
    json: Flag.optionalText(
      "json",
      "FILE",
      "Write figures as JSON lines to this file, one line per second and one at the end; to standard output for -, or without a file."
    ).pipe(Flag.withBare("-")),
    quiet: Flag.flag("quiet", "Write only errors.").pipe(Flag.withAlias("q"))
  })
}

export type RunChoice = Flag.Given<typeof runOptions>
