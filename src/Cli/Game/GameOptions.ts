/** The options of `life` and `demo` that say which game is played. */
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { symmetries } from "../../Life/Universe/Symmetry.ts"
import * as OptionKinds from "../OptionKinds.ts"

const describe =
  (description: string) =>
  <A>(options: Options.Options<A>): Options.Options<A> =>
    Options.withDescription(options, description)

const text = (name: string, description: string) => Options.text(name).pipe(describe(description), Options.optional)

/** The most cells that a game may have, and so the longest side: what a server allows unless told otherwise. */
export const MOST_CELLS = 1_000_000

const side = OptionKinds.whole(1, MOST_CELLS)

const value = <A>(name: string, kind: OptionKinds.Kind<A>, description: string, alias?: string) =>
  Options.optional(OptionKinds.value(name, kind, description, alias))

const flag = (name: string, description: string) => Options.boolean(name).pipe(describe(description))

/** What the first step is made of, on which grid, by which rule. */
export const gameOptions = {
  size: value(
    "size",
    side,
    "Cells in a row and in a column. Unless given: as the pattern's file says, or 32, or more where a pattern needs it.",
    "s"
  ),
  width: value("width", side, "Cells in a row, where it is not --size."),
  height: value("height", side, "Cells in a column, where it is not --size."),
  patterns: Options.text("pattern").pipe(
    Options.withAlias("p"),
    describe(
      "A pattern: a name of the library (`life patterns` lists them), a file, or - for standard input. Repeatable. Without one the start is random."
    ),
    Options.repeated
  ),
  at: Options.text("at").pipe(
    describe(
      "Where a pattern's top left cell goes: ROW,COL counted from 0, or centre. Once for all patterns, or once for each in their order."
    ),
    Options.repeated
  ),
  rotate: OptionKinds.values(
    "rotate",
    OptionKinds.choice("0", "90", "180", "270"),
    "Turns a pattern clockwise: 0, 90, 180 or 270. Once for all patterns, or once for each in their order."
  ),
  flip: OptionKinds.values(
    "flip",
    OptionKinds.choice("none", "horizontal", "vertical"),
    "Mirrors a pattern before it is turned: exchanges left and right, or top and bottom. Once for all, or once for each."
  ),
  noCenter: Options.boolean("no-center").pipe(
    Options.withAlias("C"),
    describe("Put patterns in the top left corner instead of the centre.")
  ),
  noWrap: Options.boolean("no-wrap").pipe(
    Options.withAlias("W"),
    describe("End the world at the edges instead of joining them: the same as --topology plane.")
  ),
  topology: text(
    "topology",
    "How the edges are joined: torus, plane, klein, cross-surface, sphere, or Golly's notation such as T30+5,20. As the pattern's file says, or torus."
  ),
  rule: text("rule", "B3/S23, 23/3, HighLife and the like. As the pattern's file says, or Conway's."),
  density: value(
    "density",
    OptionKinds.probability,
    "The probability of a live cell in a random start, 0 to 1. 0.25 unless given."
  ),
  seed: value("seed", OptionKinds.whole(0), "Makes the random start repeatable: the same seed, the same start."),
  symmetry: value(
    "symmetry",
    OptionKinds.choice(...symmetries),
    `The symmetry of a random start: ${symmetries.join(", ")}, by Catagolue's names. C1, which is none, unless given.`
  )
}

export type GameChoice = Command.Command.ParseConfig<typeof gameOptions>

/** How a game is run and reported. */
export const runOptions = {
  steps: value(
    "steps",
    OptionKinds.whole(0),
    "Steps to make; without it the game goes on until it is interrupted.",
    "n"
  ),
  speed: value("speed", OptionKinds.rate("steps"), "Steps a second, at most. 1 unless given; demo: 4.", "l"),
  connectRate: value(
    "connect-rate",
    OptionKinds.rate("connections"),
    "Connections to open a second, at most; without it as fast as the server takes them."
  ),
  stopWhen: value(
    "stop-when",
    OptionKinds.choice("dead", "still", "periodic"),
    "End when all cells are dead, when nothing changes any more, or when the same states come again and again."
  ),
  output: text(
    "output",
    "Write the last complete step to this file, as RLE; - is standard output. {step} in its name stands for the step."
  ),
  saveEvery: value(
    "save-every",
    OptionKinds.whole(1),
    "Also write every Nth complete step, each to its own file: --output must have {step} in its name."
  ),
  census: flag(
    "census",
    "Count the still lifes, oscillators and spaceships of the last complete step, by their names in the library."
  ),
  check: flag(
    "check",
    "Compare every state of every cell with a simulation; end with status 1 at the first difference."
  ),
  giveUp: value(
    "give-up",
    OptionKinds.duration(),
    "How long to try to get lost connections back, such as 30s or 2m; without it for ever."
  ),
  json: text(
    "json",
    "Figures as lines of JSON, one a second and one at the end, to this file; to standard output for - or without a file."
  ),
  quiet: Options.boolean("quiet").pipe(Options.withAlias("q"), describe("Say nothing but what is wrong."))
}

export type RunChoice = Command.Command.ParseConfig<typeof runOptions>
