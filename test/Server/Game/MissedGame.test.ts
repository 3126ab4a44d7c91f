/** What a node does with a game of whose log it has missed a part, or which the engine has lost. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CloseReason } from "../../../src/Protocol/CloseReason.ts"
import * as Game from "../../../src/Server/Game/Game.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { codec } from "../../../src/Server/Game/GameEventCodec.ts"
import { GameState } from "../../../src/Server/Game/GameState.ts"
import { Relay } from "../../../src/Server/Game/Relay.ts"
import { ThisNode } from "../../../src/Server/Game/ThisNode.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"
import { PlayedLog } from "../PlayedLog.ts"

const resetTo = (width: number) => ({ type: "reset", request: "r", width, height: 1, topology: "" }) as const

/** The state of a game of this width, of whose last cell the state at step 7 is known. */
const stateOf = (width: number): Uint8Array => {
  const state = new GameState()
  state.reset(resetTo(width), 1)
  state.publish({ topic: width - 1, step: 7, state: 1, text: undefined })
  return state.snapshot()
}

const withGame = <A, E>(
  use: (node: {
    readonly game: Game.Game["Type"]
    readonly relay: Relay["Type"]
    readonly log: PlayedLog<GameEvent>
  }) => Effect.Effect<A, E>
) => {
  const log = new PlayedLog(codec)
  const services = Game.layer.pipe(
    Layer.provide([ServerConsole.layerSilent, ThisNode.layer]),
    Layer.provide(ServerConfig.layer()),
    Layer.provide(log.layer("default"))
  )
  return Effect.flatMap(Effect.all([Game.Game, Relay]), ([game, relay]) => use({ game, relay, log })).pipe(
    Effect.provide(services)
  )
}

/** Asks for a game of this width. Returns the answers. */
const reset = (game: Game.Game["Type"], width: number) => {
  const answers: Array<CloseReason | undefined> = []
  game.unsafeReset({ width, height: 1, topology: "", stateCount: 2 }, (problem) => void answers.push(problem))
  return answers
}

describe("a node", () => {
  it.effect("a node that has missed a part of a game shows its watchers the game as it is now", () =>
    withGame(({ log, relay }) =>
      Effect.sync(() => {
        log.read(resetTo(2))
        const seen: Array<string> = []
        relay.unsafeObserve({
          reset: ({ width }) => void seen.push(`${width} cells`),
          record: (topic, step, state) => void seen.push(`${topic} at ${step}: ${state}`)
        })
        log.restore(stateOf(3))
        assert.deepStrictEqual(seen, ["2 cells", "3 cells", "2 at 7: 1"])
      })
    )
  )

  it.effect("a node that has missed a part of a game lets those ask again whose resets it has not read", () =>
    withGame(({ game, log }) =>
      Effect.sync(() => {
        const answers = reset(game, 2)
        log.restore(stateOf(3))
        assert.deepStrictEqual(answers, [{ code: 1012, reason: "this server lost the game: connect again" }])
      })
    )
  )

  it.effect("a node whose game is lost writes the resets again that it has not read", () =>
    withGame(({ game, log, relay }) =>
      Effect.sync(() => {
        const answers = reset(game, 2)
        log.lose()
        assert.deepStrictEqual(answers, [])
        log.deliver()
        assert.deepStrictEqual(answers, [undefined])
        assert.strictEqual(relay.unsafeGrid().width, 2)
      })
    )
  )
})
