/** What a node does with its games when the log of their list begins, goes on, was missed in part, or was lost. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as TestClock from "effect/TestClock"
import { Logs } from "../../../src/Log/Log.ts"
import type { CloseReason } from "../../../src/Protocol/CloseReason.ts"
import * as Game from "../../../src/Server/Game/Game.ts"
import * as GameEventCodec from "../../../src/Server/Game/GameEventCodec.ts"
import { ThisNode } from "../../../src/Server/Game/ThisNode.ts"
import { Games } from "../../../src/Server/Games/Games.ts"
import { codec, Lobby, type LobbyEvent } from "../../../src/Server/Games/Lobby.ts"
import { Metrics } from "../../../src/Server/Operations/Metrics.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import { eventually } from "../../eventually.ts"
import { PlayedLog } from "../PlayedLog.ts"

const limits = { games: 10, gamesPerOwner: 10, cells: 1000 }

const ask = (name: string, request: string): LobbyEvent => ({
  type: "asked",
  name,
  request,
  width: 2,
  height: 2,
  limits
})

const logOf = (name: string, request: string) => `g-${name}-${request}`

/** The list after some events. */
const listAfter = (...events: ReadonlyArray<LobbyEvent>): Uint8Array => {
  const list = new Lobby()
  for (const [index, event] of events.entries()) list.apply(event, index + 1)
  return list.snapshot()
}

/** Games that have ended, and whose logs are not removed yet. */
const ended = (name: string, made: number): LobbyEvent => ({ type: "ended", name, made, since: made })

interface Start {
  /** The logs that exist before the node begins. */
  readonly existing?: ReadonlyArray<string>
  readonly snapshot?: Uint8Array
  readonly entries?: ReadonlyArray<LobbyEvent>
  readonly gameIdle?: number
}

/** A node whose list the test plays, and the lines that it logs. */
const withNode = <A, E>(
  start: Start,
  use: (node: {
    readonly games: Games["Type"]
    readonly logs: Logs["Type"]
    readonly list: PlayedLog<LobbyEvent>
    readonly lines: ReadonlyArray<string>
  }) => Effect.Effect<A, E>
) => {
  const list = new PlayedLog(codec)
  const begin = () => {
    if (start.snapshot !== undefined) list.restore(start.snapshot)
    for (const event of start.entries ?? []) list.read(event)
  }
  const lines: Array<string> = []
  const services = Games.layer.pipe(
    Layer.provide(Layer.mergeAll(Game.layer, Metrics.layer)),
    Layer.provide([ServerConsole.layerSilent, ThisNode.layer, Reactor.layer()]),
    Layer.provide(ServerConfig.layer(start.gameIdle === undefined ? {} : { gameIdle: start.gameIdle })),
    Layer.provideMerge(list.layer("lobby", begin, start.existing)),
    Layer.provide(
      Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void lines.push(String(message)))
      )
    )
  )
  return Effect.flatMap(Effect.all([Games, Logs]), ([games, logs]) => use({ games, logs, list, lines })).pipe(
    Effect.provide(services)
  )
}

/** A client of a game: how it was closed. */
const enter = (games: Games["Type"], name: string) => {
  const closes: Array<CloseReason> = []
  return Effect.async<ReadonlyArray<CloseReason>>((resume) =>
    games.unsafeEnter(name, (found) => {
      if (typeof found === "string") return resume(Effect.dieMessage(found))
      const connection = { close: (code = 0, reason = "") => void closes.push({ code, reason }) }
      found.attach(connection, { onMessage: () => {}, onClose: () => {} })
      resume(Effect.succeed(closes))
    })
  )
}

const reset = (
  games: Games["Type"],
  name: string,
  width: number,
  done: (problem: CloseReason | undefined) => void = () => {}
) => games.unsafeReset(name, undefined, { width, height: 1, topology: "", stateCount: 2 }, done)

/** The time in which the logs of games that have ended are removed. */
const removal = TestClock.adjust("1 minute")

const moved = { code: 1012, reason: "this server lost the game: connect again" }

describe("the list of games", () => {
  it.effect("a node that starts removes logs that no list has, and those of games that had ended before", () =>
    withNode(
      {
        existing: ["lobby", "default", logOf("kept", "1"), logOf("over", "2"), logOf("late", "3"), logOf("lost", "4")],
        snapshot: listAfter(ask("kept", "1"), ask("over", "2"), ended("over", 2)),
        entries: [ask("late", "3"), ended("late", 1)]
      },
      ({ games, list }) =>
        Effect.gen(function* () {
          yield* removal
          assert.sameMembers(list.removed, [logOf("over", "2"), logOf("late", "3"), logOf("lost", "4")])
          assert.deepStrictEqual(
            games.unsafeList().map(({ name }) => name),
            ["kept"]
          )
        })
    )
  )

  it.effect("a node that missed a part of the list closes what it has no more, and removes what has ended", () =>
    withNode({ entries: [ask("stays", "1"), ask("gone", "2"), ask("anew", "3")] }, ({ games, list }) =>
      Effect.gen(function* () {
        const [stays, gone, anew] = yield* Effect.forEach(["stays", "gone", "anew"], (name) => enter(games, name))
        list.restore(listAfter(ask("stays", "1"), ask("anew", "4"), ask("over", "5"), ended("over", 3)))
        assert.deepStrictEqual([stays, gone, anew], [[], [moved], [moved]])
        yield* removal
        assert.sameMembers(list.removed, [logOf("gone", "2"), logOf("anew", "3"), logOf("over", "5")])
      })
    )
  )

  it.effect("a node whose list is lost closes all games, and removes their logs, which no other node knows", () =>
    withNode({ entries: [ask("open", "1"), ask("idle", "2"), ask("over", "3"), ended("over", 3)] }, (node) =>
      Effect.gen(function* () {
        const { games, list } = node
        const open = yield* enter(games, "open")
        list.lose()
        assert.deepStrictEqual(open, [moved])
        assert.deepStrictEqual(games.unsafeList(), [])
        yield* removal
        assert.sameMembers([...new Set(list.removed)], [logOf("open", "1"), logOf("idle", "2"), logOf("over", "3")])
      })
    )
  )

  for (const how of ["missed", "lost"] as const)
    it.effect(`who has asked for a game is to ask again if the part of the list with the answer is ${how}`, () =>
      withNode({ entries: [ask("x", "1")] }, ({ games, list }) =>
        Effect.gen(function* () {
          yield* enter(games, "x")
          const answers: Array<CloseReason | undefined> = []
          reset(games, "x", 1, (problem) => void answers.push(problem))
          list.deliver()
          assert.deepStrictEqual(answers, [undefined])
          reset(games, "x", 2, (problem) => void answers.push(problem))
          if (how === "lost") list.lose()
          else list.restore(listAfter(ask("x", "1")))
          assert.deepStrictEqual(answers, [undefined, moved])
        })
      )
    )

  it.effect("resets carry their positions in the list into the game, because nodes write them there in any order", () =>
    withNode({ entries: [ask("x", "1")] }, ({ games, list, logs }) =>
      Effect.gen(function* () {
        yield* enter(games, "x")
        for (const width of [1, 2]) reset(games, "x", width)
        const positions = list.deliver().flatMap(({ event, position }) => (event.type === "asked" ? [position] : []))
        const asked: Array<readonly [width: number, asked: number | undefined]> = []
        yield* logs.scan(logOf("x", "1"), GameEventCodec.codec, 0, (event) => {
          if (event.type === "reset") asked.push([event.width, event.asked])
          return true
        })
        assert.deepStrictEqual(asked, [
          [1, positions[0]],
          [2, positions[1]]
        ])
      })
    )
  )

  it.effect("a client of a game that another node has made a moment ago gets in", () =>
    withNode({}, ({ games, list }) =>
      Effect.gen(function* () {
        list.isBehind = true
        const client = yield* Effect.fork(enter(games, "x"))
        // The node has asked its log by then, and waits for it.
        yield* Effect.promise(() => new Promise(setImmediate))
        list.read(ask("x", "1"))
        list.current()
        assert.deepStrictEqual(yield* client, [])
      })
    )
  )

  it.live("a node whose note that it uses a game was lost with a part of the list writes it again", () =>
    withNode({ entries: [ask("x", "1")], gameIdle: 100 }, ({ games, list }) =>
      Effect.gen(function* () {
        const uses = () => list.written.filter(({ type }) => type === "used").length
        yield* enter(games, "x")
        assert.strictEqual(uses(), 1)
        list.restore(listAfter(ask("x", "1")))
        assert.strictEqual(uses(), 0)
        yield* Effect.promise(() => eventually(() => assert.strictEqual(uses(), 1)))
      })
    )
  )

  it.effect("a line says that a node takes part or has left, not each of its signs of life", () =>
    withNode({}, ({ lines, list }) =>
      Effect.sync(() => {
        for (const type of ["here", "here", "gone", "gone", "here"] as const) list.read({ type, node: "b" })
        assert.deepStrictEqual(lines, [
          "Node b takes part",
          "Node b has left, or was silent for too long",
          "Node b takes part"
        ])
      })
    )
  )
})
