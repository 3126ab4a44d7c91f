/** `life`: the distributed Game of Life. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"

export const gameOptions = {
  size: Options.integer("size").pipe(
    Options.withAlias("s"),
    Options.withDefault(32),
    Options.withDescription("Cells in a row and in a column")
  ),
  pattern: Options.text("pattern").pipe(
    Options.withAlias("p"),
    Options.optional,
    Options.withDescription("A pattern of the library, or a file; without it each cell is alive with probability 1/4")
  ),
  noCenter: Options.boolean("no-center").pipe(
    Options.withAlias("C"),
    Options.withDescription("Put the pattern in the top left corner instead of the middle")
  ),
  noWrap: Options.boolean("no-wrap").pipe(
    Options.withAlias("W"),
    Options.withDescription("End the world at the edges instead of joining them")
  ),
  steps: Options.integer("steps").pipe(
    Options.withAlias("n"),
    Options.optional,
    Options.withDescription("Steps to make; without it the game goes on until it is interrupted")
  ),
  speed: Options.float("speed").pipe(
    Options.withAlias("l"),
    Options.withDefault(1),
    Options.withDescription("Steps a second, at most")
  ),
  seed: Options.integer("seed").pipe(
    Options.optional,
    Options.withDescription("Makes the random start repeatable: the same seed, the same start")
  ),
  connectRate: Options.float("connect-rate").pipe(
    Options.optional,
    Options.withDescription("Connections to open a second, at most; without it as fast as the server takes them")
  )
}

export const url = Options.text("url").pipe(
  Options.withDefault("ws://localhost:8000"),
  Options.withDescription("The relay server")
)

export const life = Command.make("life", { ...gameOptions, url }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./LifeHandler.ts")),
    ({ run }) => run(options)
  )
).pipe(Command.withDescription("Run a Game of Life in which every cell is a WebSocket client"))
