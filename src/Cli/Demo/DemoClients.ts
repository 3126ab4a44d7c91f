/** Keeps a process of clients running, passes the requests of pages on to it, and starts it again when it is killed. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import { formatControl } from "../../Protocol/Control.ts"
import { ControlChannel, type PageRequest } from "../ControlChannel.ts"
import { EndWith } from "../ExitStatus.ts"
import * as Output from "../Output.ts"
import * as OwnProcess from "../OwnProcess.ts"
import { UserError } from "../UserError.ts"
import { ENVIRONMENT, FromClients, type Played, ToClients } from "./ClientsMessage.ts"

/** How long a killed process stays away, in milliseconds: long enough to see that no cell moves. */
const AWAY = 2_000

/** The most requests whose answers are awaited. Most have none. */
const MAX_ASKED = 100

export class DemoClients {
  readonly control: ControlChannel
  readonly #ready = Deferred.unsafeMake<boolean>(FiberId.none)
  readonly #asked = new Map<number, PageRequest>()
  /** The game that is played, or was played last. */
  #game: Played
  /** The step at which a page has asked the game to pause. */
  #until: number | undefined
  #process: OwnProcess.OwnProcess<ToClients> | undefined
  #asks = 0

  readonly #tour: ReadonlyArray<Played>

  constructor(first: Played, tour: ReadonlyArray<Played>) {
    this.#game = first
    this.#tour = tour
    this.control = new ControlChannel(first.speed, (asked) => this.#ask(asked))
  }

  /** Waits until the process has opened its outputs. Returns whether it shows its progress. */
  get isShown(): Effect.Effect<boolean> {
    return Deferred.await(this.#ready)
  }

  /** Plays over the address until the process ends by itself. */
  run(address: Effect.Effect<string>): Effect.Effect<void, EndWith | UserError, Output.Output> {
    return Effect.flatMap(Effect.scoped(this.#play(address)), (ended) => {
      if ("status" in ended) return ended.status === 0 ? Effect.void : Effect.fail(new EndWith(ended))
      const { game } = this.control
      if (game === "none" || game === "starting")
        return Effect.fail(UserError.of(`the process of the clients was ended by ${ended.signal} before its game ran`))
      return Output.note("The clients' process was killed: it starts again, and its cells resume").pipe(
        Effect.zipRight(Effect.sleep(AWAY)),
        Effect.zipRight(Effect.suspend(() => this.run(address)))
      )
    })
  }

  readonly #play = Effect.fnUntraced(function* (this: DemoClients, address: Effect.Effect<string>) {
    const started = yield* OwnProcess.start({
      ...{ variable: ENVIRONMENT, to: ToClients, from: FromClients },
      onMessage: (message) => this.#hear(message)
    })
    this.#process = started
    const url = yield* Effect.raceFirst(Effect.asSome(address), Effect.as(started.ended, Option.none<string>()))
    const { game } = this.control
    if (Option.isSome(url))
      started.post({
        _tag: "Play",
        url: url.value,
        game: game === "ended" ? undefined : this.#game,
        resume: game !== "none",
        until: game === "paused" ? 0 : this.#until,
        tour: this.#tour
      })
    const ended = yield* started.ended
    this.#process = undefined
    return ended
  })

  #ask(asked: PageRequest): void {
    const { refuse, request } = asked
    const { game } = this.control
    if (this.#process === undefined) return refuse("the clients' process is starting again: ask again in a moment")
    if (request.type !== "kill") {
      if (request.type === "resume") this.#until = request.step
      if (request.type === "pause") this.#until = undefined
      const id = this.#asks++
      this.#asked.set(id, asked)
      this.#asked.delete(id - MAX_ASKED)
      return this.#process.post({ _tag: "Ask", id, request: formatControl(request) })
    }
    if (game !== "running" && game !== "paused") return refuse("no game is running")
    this.#process.kill()
    this.control.report("kill", this.#game.cells.length, AWAY)
  }

  #hear(message: FromClients): void {
    switch (message._tag) {
      case "Ready":
        Deferred.unsafeDone(this.#ready, Effect.succeed(message.isShown))
        break
      case "Playing":
        this.#game = message.game
        this.#until = undefined
        this.control.show({ game: "starting", speed: message.game.speed, note: message.game.tour?.note ?? "" })
        break
      case "State":
        if (message.to.speed !== undefined) this.#game = { ...this.#game, speed: message.to.speed }
        if (message.to.game === "paused") this.#until = undefined
        this.control.show(message.to)
        break
      case "Fault":
        this.control.report(message.fault, message.count, message.time)
        break
      case "Refused":
        this.#asked.get(message.id)?.refuse(message.reason)
        this.#asked.delete(message.id)
    }
  }
}
