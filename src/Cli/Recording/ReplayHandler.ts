import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Check } from "../../Life/Referee/Check.ts"
import * as RuleText from "../../Life/Universe/RuleText.ts"
import * as TopologyText from "../../Life/Universe/TopologyText.ts"
import * as UniverseText from "../../Life/Universe/UniverseText.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import * as Count from "../../Text/Count.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import { ControlChannel } from "../ControlChannel.ts"
import { rleOf } from "../Game/StepFiles.ts"
import * as Output from "../Output.ts"
import * as OutputFiles from "../OutputFiles.ts"
import * as LibraryOffer from "../Serve/LibraryOffer.ts"
import { addressOf } from "../Serve/ServeAnnouncement.ts"
import { UserError } from "../UserError.ts"
import * as RecordingRange from "./RecordingRange.ts"
import type { ReplayOptions } from "./ReplayOptions.ts"
import { ReplayPlayer } from "./ReplayPlayer.ts"

const universeOf = Effect.fnUntraced(function* (
  { game, source }: RecordingRange.RecordingRange,
  { rule }: ReplayOptions
) {
  // In protocol 0 a server learns neither. Then the game was on a torus.
  const recorded = yield* UniverseText.parse(game.topology === "" ? "torus" : game.topology)
  const given = Option.isSome(rule) ? yield* RuleText.parse(rule.value) : recorded.rule
  if (given === undefined) {
    return yield* UserError.of(`${source} does not contain the rule of its game: give it with --rule`)
  }
  if (given.states !== game.stateCount) {
    const states = `the cells of ${source} have ${game.stateCount} states`
    return yield* UserError.of(
      `Rule ${RuleText.format(given)} has ${given.states} states, but ${states}: give the rule of the game with --rule`
    )
  }
  return { rule: given, topology: yield* TopologyText.sized(recorded.edges, game.width, game.height) }
})

const check = Effect.fn("life.replay.check")(function* (range: RecordingRange.RecordingRange, options: ReplayOptions) {
  const { from, game } = range
  const { rule, topology } = yield* universeOf(range, options)
  const { grid } = yield* RecordingRange.wholeStep(range, from)
  const referee = new Check(grid, rule, topology, from, from)
  yield* RecordingRange.each(range, range.groups, (group) => {
    if (group === undefined) return
    const { cells, states, steps } = group
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at]!
      referee.receive(steps[at]!, Math.floor(cell / game.width), cell % game.width, states[at]!)
    }
  })
  if (Option.isSome(referee.difference)) return yield* referee.difference.value
  const last = from + referee.frames - 1
  yield* Output.result(
    `Every cell is correct: ${Count.format(referee.frames)} steps, ${from} to ${last}, of ${game.width} x ${game.height}`
  )
})

const write = Effect.fn("life.replay.write")(function* (range: RecordingRange.RecordingRange, options: ReplayOptions) {
  const file = yield* OutputFiles.open("--output", options.output)
  const frame = yield* RecordingRange.wholeStep(range, range.to)
  const { source, to } = range
  if (Option.isSome(options.to) && frame.step < to) {
    return yield* UserError.of(`--to ${to}: the last complete step of ${source} is ${frame.step}`)
  }
  const text = rleOf(yield* universeOf(range, options), frame)
  if (Option.isSome(file)) yield* file.value.write(text)
})

/** Plays the recording, and then shows its last step. Pages control it until the program ends. */
const show = Effect.fn("life.replay.show")(function* (range: RecordingRange.RecordingRange, options: ReplayOptions) {
  const { host, port } = options
  const logs = yield* Layer.build(MemoryLogs.layer())
  // With a secret token, nobody else can start a game here.
  const tokens = [{ name: "replay", secret: Redacted.make(crypto.randomUUID()) }]
  const control = new ControlChannel(1, (asked) => player.ask(asked))
  const player = new ReplayPlayer(range, options.speed, control)
  const server = RelayServer.layer({ host, port, tokens }, control.endpoint, Layer.succeedContext(logs))
  yield* Effect.gen(function* () {
    const { port } = yield* WebSocketServer
    yield* Output.note(`Watch it at ${addressOf(host, port)} (Ctrl-C ends it)`)
    return yield* Effect.provide(player.run(), logs)
  }).pipe(
    Effect.provide(server),
    Effect.provide([LibraryOffer.layer({ hasControl: false, isReplay: true }), ServerConsole.layerSilent])
  )
})

export const run = Effect.fn("life.replay")(
  function* (options: ReplayOptions) {
    const range = yield* RecordingRange.open(options.source, options)
    if (options.check) yield* check(range, options)
    if (Option.isSome(options.output)) yield* write(range, options)
    if (!options.check && Option.isNone(options.output)) yield* show(range, options)
  },
  Effect.scoped,
  Effect.provide(Reactor.layer())
)
