/** The options that say which game is played: those of `life` and `demo`. */
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"

const describe =
  (description: string) =>
  <A>(options: Options.Options<A>): Options.Options<A> =>
    Options.withDescription(options, description)

const text = (name: string, description: string) => Options.text(name).pipe(describe(description), Options.optional)

const whole = (name: string, description: string) => Options.integer(name).pipe(describe(description), Options.optional)

const number = (name: string, description: string) => Options.float(name).pipe(describe(description), Options.optional)

const flag = (name: string, description: string) => Options.boolean(name).pipe(describe(description))

/** What the first step is made of, on which grid, by which rule. */
export const gameOptions = {
  size: Options.integer("size").pipe(
    Options.withAlias("s"),
    describe("Cells in a row and in a column. 32 unless given, or as the pattern's file says."),
    Options.optional
  ),
  width: whole("width", "Cells in a row, where it is not --size."),
  height: whole("height", "Cells in a column, where it is not --size."),
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
  rotate: Options.choice("rotate", ["0", "90", "180", "270"]).pipe(
    describe("Turns a pattern clockwise. Once for all patterns, or once for each in their order."),
    Options.repeated
  ),
  flip: Options.choice("flip", ["none", "horizontal", "vertical"]).pipe(
    describe(
      "Mirrors a pattern before it is turned: exchanges left and right, or top and bottom. Once for all, or once for each."
    ),
    Options.repeated
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
  density: number("density", "The probability of a live cell in a random start, 0 to 1. 0.25 unless given."),
  seed: whole("seed", "Makes the random start repeatable: the same seed, the same start.")
}

export type GameChoice = Command.Command.ParseConfig<typeof gameOptions>

/** How a game is run and reported. */
export const runOptions = {
  steps: Options.integer("steps").pipe(
    Options.withAlias("n"),
    describe("Steps to make; without it the game goes on until it is interrupted."),
    Options.optional
  ),
  speed: Options.float("speed").pipe(
    Options.withAlias("l"),
    describe("Steps a second, at most. 1 unless given; demo: 4."),
    Options.optional
  ),
  connectRate: number(
    "connect-rate",
    "Connections to open a second, at most; without it as fast as the server takes them."
  ),
  stopWhen: Options.choice("stop-when", ["dead", "still", "periodic"]).pipe(
    describe(
      "End when all cells are dead, when nothing changes any more, or when the same states come again and again."
    ),
    Options.optional
  ),
  output: text("output", "Write the last complete step to this file, as RLE; - is standard output."),
  check: flag(
    "check",
    "Compare every state of every cell with a simulation; end with status 1 at the first difference."
  ),
  giveUp: number("give-up", "Seconds to try to get lost connections back; without it for ever."),
  json: text(
    "json",
    "Figures as lines of JSON, one a second and one at the end, to this file; to standard output for - or without a file."
  ),
  quiet: Options.boolean("quiet").pipe(Options.withAlias("q"), describe("Say nothing but what is wrong."))
}

export type RunChoice = Command.Command.ParseConfig<typeof runOptions>
