import type { Failure } from "../Measure/Failure.ts"
import { Recorder } from "../Measure/Recorder.ts"
import * as Ramp from "../Scenario/Ramp.ts"
import * as Secrets from "../Scenario/Secrets.ts"
import { Client, type Population } from "./Client.ts"
import { type Equipment, surroundings } from "./ClientHost.ts"
import { ClientSet } from "./ClientSet.ts"
import type { Stateful } from "./ClientStates.ts"
import { LoadSchedule } from "./LoadSchedule.ts"
import { retryAfter } from "./Recovery.ts"
import * as Rows from "./Rows.ts"
import * as RunFigures from "./RunFigures.ts"
import { Slots } from "./Slots.ts"

/** A run ends when so many clients are refused for good before one has opened: all others would get the same. One may have a wrong row of the data. */
const REFUSALS = 5

export interface VirtualUsersOptions extends Omit<Equipment, "recorder"> {
  /** Called once, when all clients have opened or failed. The load begins when it calls `begin`. */
  readonly onOpened: (begin: () => void) => void
  readonly onWarm: () => void
  /** Called when a conversation has ended, with its client. */
  readonly onSettled?: ((client: Client) => void) | undefined
  /** Called once, when no client is left. */
  readonly onEnd: () => void
}

/** The clients of one process: who starts, fails, comes again, and when none is left. `LoadSchedule` says when the load begins and ends. */
export class VirtualUsers {
  readonly recorder: Recorder
  readonly clients: ClientSet
  readonly schedule: LoadSchedule
  readonly now: () => number
  notStarted = 0
  #isStopped = false
  /** The clients that were refused for good; `undefined` when one has opened, or the run ends because of them. */
  #refused: Set<number> | undefined = new Set()
  readonly #rows: Rows.Rows
  /** `undefined` in a closed model. */
  readonly #slots: Slots | undefined
  readonly #host: Population
  readonly #redact: Secrets.Redact
  readonly #options: VirtualUsersOptions

  constructor(options: VirtualUsersOptions) {
    const { now, plan } = options
    this.#options = options
    this.#redact = Secrets.redactor(plan)
    this.now = now
    this.recorder = new Recorder(plan.rate !== undefined, RunFigures.namesOf(plan), RunFigures.compresses(plan))
    const equipment = { ...options, recorder: this.recorder }
    this.#rows = Rows.make(plan)
    this.clients = new ClientSet(plan)
    this.#slots = plan.arrivals === undefined ? undefined : new Slots(plan.share)
    this.#host = {
      ...surroundings(equipment, this.#rows),
      nextRound: ({ client }) => this.schedule.nextRound(client),
      isOver: (client) => this.#isOver(client),
      takeSlot: ({ client }) => this.#slots?.take() ?? { number: client, kept: new Map() },
      opened: (client) => {
        this.#refused = undefined
        this.#opened(client)
      },
      failedToOpen: (client, failure) => this.#failedToOpen(client, failure),
      settled: (client, failure) => this.#settled(client, failure)
    }
    this.schedule = new LoadSchedule(equipment, {
      numbers: this.clients.numbers,
      wake: () => {
        for (const client of this.clients) client.wake()
      },
      arrive: (number) => this.#arrive(number),
      resize: (clients) => this.changeClients(clients),
      onWarm: options.onWarm,
      onOver: () => this.#finish()
    })
  }

  start(): void {
    if (this.schedule.startsClients) return this.#options.onOpened(() => this.#begin())
    const times = Ramp.startTimes(this.#options.plan.ramp, this.#options.plan.clients, this.#options.plan.seed)
    const now = this.now()
    for (const number of this.clients.numbers) {
      this.#rows.reserve()
      this.#add(number).startAt(now + times[number - 1]!)
    }
    this.schedule.open(this.clients)
    if (this.clients.size === 0) this.#options.onEnd()
  }

  #isOver(client: Stateful): boolean {
    return !this.clients.allows(client) || this.now() >= this.schedule.end
  }

  #opened(client: Stateful): void {
    if (this.schedule.opened(client)) this.#options.onOpened(() => this.#begin())
  }

  #failedToOpen(client: Stateful, failure: Failure): void {
    if (failure.isFinal === true && this.#refused?.add(client.client).size === REFUSALS) {
      this.#refused = undefined
      this.#finish()
    }
    // A client that will try again must not keep the others from their load.
    this.#opened(client)
  }

  #settled(client: Client, failure: Failure | undefined): void {
    const now = this.now()
    this.#options.onSettled?.(client)
    this.#slots?.giveBack(client.usedSlot)
    if (failure !== undefined) {
      const { cause, detail, kind } = failure
      const secrets = client.values.secrets
      const shown = { cause, kind: this.#redact(kind, secrets), detail: this.#redact(detail, secrets) }
      this.recorder.failures.add(shown, client.client, now)
    }
    const next = this.#startsAgain(client, failure) ? new Client(client.client, this.#host, client) : undefined
    this.clients.settle(client, next)
    next?.startAt(failure === undefined ? now : now + retryAfter(client.failures))
    this.#opened(client)
    this.#endWhenEmpty()
  }

  /** The number of clients that have not begun to connect. */
  get waiting(): number {
    if (this.schedule.arrivals !== undefined) return 0
    return this.clients.conversations - this.notStarted - this.recorder.started
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /**
   * Changes the number of clients of all processes. Surplus clients end after their round or, without an open-ended repeat,
   * after their conversation. Runs with a planned rate or with arrivals ignore this.
   */
  changeClients(clients: number): void {
    if (!this.schedule.isResizable) return
    const coming = this.clients.resize(clients, this.#rows.reserve)
    for (const client of this.clients) {
      if (this.clients.allows(client)) continue
      if (client.isWaiting) {
        this.#options.timers.clear(client)
        this.clients.retire(client)
        this.#opened(client)
      } else client.wake()
    }
    const now = this.now()
    for (const [index, number] of coming.entries()) this.#add(number).startAt(now + index * this.clients.spacing)
    this.#endWhenEmpty()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#finish()
  }

  abort(): void {
    if (this.#isEmpty) return
    this.stop()
    for (const client of this.clients) client.cut()
    this.clients.clear()
    this.#options.onEnd()
  }

  /** With a duration, a client starts again after its conversation has failed or ended. After a failure it keeps its rows. */
  #startsAgain(client: Client, failure: Failure | undefined): boolean {
    const { arrivals, duration } = this.#options.plan
    const keepsRows = failure !== undefined && failure.cause !== "scenario"
    if (duration === undefined || arrivals !== undefined || this.#isOver(client)) return false
    return keepsRows || this.#rows.reserve()
  }

  /** Every client has opened or failed. The planned load begins. */
  #begin(): void {
    if (this.schedule.isEnding) return
    const { plan, programs } = this.#options
    const mayOpenLater = this.schedule.startsClients || programs.some(({ opensOwn }) => opensOwn)
    // No client has reached the server. They would all fail again and again until the end.
    if (plan.duration !== undefined && !mayOpenLater && this.recorder.peak === 0) return this.#finish()
    this.schedule.begin()
  }

  #arrive(number: number): void {
    const most = this.schedule.arrivals?.most ?? Infinity
    if (this.clients.size >= most) this.recorder.named.count("dropped")
    else this.#add(number).start()
  }

  /** The load is over: no conversation begins any more. */
  #finish(): void {
    this.notStarted += this.schedule.finish()
    for (const client of this.clients) {
      if (client.isWaiting) {
        this.#options.timers.clear(client)
        if (this.clients.takeOut(client)) this.notStarted++
      } else client.wake()
    }
    this.#endWhenEmpty()
  }

  #add(number: number): Client {
    const client = new Client(number, this.#host)
    this.clients.add(client)
    return client
  }

  get #isEmpty(): boolean {
    if (this.#options.plan.levels !== undefined && !this.schedule.isEnding) return false
    return this.clients.size === 0 && (this.schedule.arrivals?.left ?? 0) === 0
  }

  #endWhenEmpty(): void {
    if (this.#isEmpty) this.#options.onEnd()
  }
}
