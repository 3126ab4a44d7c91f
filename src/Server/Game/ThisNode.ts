/** This server process among the nodes: its name, and the lines about what happens to its games. */
import { randomBytes } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { GatheredLines, listOf } from "../../Text/GatheredLines.ts"
import { ServerConfig } from "../ServerConfig.ts"

/** What may happen to a game on a node. */
export type Mishap = "removed" | "missed" | "lost"

export class ThisNode extends Context.Tag("effect-c10k/Server/ThisNode")<
  ThisNode,
  {
    /** The name in logs. No other process has had it. */
    readonly name: string
    /** Writes a line about a game and the workers that were closed with it. An outage meets many games, and is one line. */
    readonly unsafeReport: (mishap: Mishap, game: string, workers: number) => void
  }
>() {
  static readonly layer: Layer.Layer<ThisNode, never, ServerConfig> = Layer.scoped(
    ThisNode,
    Effect.gen(function* () {
      const { node } = yield* ServerConfig
      const lines = yield* GatheredLines.make(lineOf)
      return ThisNode.of({
        name: `${node}.${randomBytes(3).toString("hex")}`,
        unsafeReport: (mishap, game, workers) => lines.add(mishap, game, workers)
      })
    })
  )
}

const closed = (workers: number): string =>
  workers === 1 ? "1 worker is closed, and can come back" : `${workers} workers are closed, and can come back`

export const lineOf = (mishap: Mishap, games: ReadonlyArray<string>, workers: number): string => {
  const list = listOf(games)
  switch (mishap) {
    case "removed":
      return `The other nodes removed this one from ${list}, because it was silent: ${closed(workers)}`
    case "missed":
      return `This node has missed a part of ${list}: ${closed(workers)}`
    case "lost":
      return `The engine has lost the log of ${list}: the game begins again, and ${closed(workers)}`
  }
}
