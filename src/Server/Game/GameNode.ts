/**
 * What a node does to its own connections when it reads the log: it tells workers when to subscribe and run, delivers
 * states, and closes workers that are replaced, that belong to an earlier game, or whose node was counted as gone.
 *
 * A worker joins after this node has read everything that was in the log when the worker came. Otherwise it could join a
 * game that another node has already reset.
 */
import type * as Context from "effect/Context"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { Deadlines } from "../../WebSocket/Connection/Deadlines.ts"
import type { GameEvent } from "./GameEvent.ts"
import type { GameLog } from "./GameLog.ts"
import type { Consequences, GameState } from "./GameState.ts"
import type { Relay } from "./Relay.ts"
import type { StartupBarrier } from "./StartupBarrier.ts"
import type { Incomplete } from "./StepSubscriber.ts"
import { Worker, type WorkerConnection } from "./Worker.ts"

export interface NodeContext {
  readonly state: GameState
  readonly relay: Context.Tag.Service<Relay>
  readonly barrier: Context.Tag.Service<StartupBarrier>
  readonly log: GameLog
  readonly maxSubscriptions: number
  /** Those that were told to subscribe and have not said anything. */
  readonly silent: Deadlines<WorkerConnection>
  /** With a shared log: workers to which a part of a step is not sent yet. */
  readonly incomplete: Incomplete | undefined
  /** Tells the operator of this node when nodes come and go. */
  readonly tell: (text: string, isTrouble: boolean) => void
}

/** Resets that may wait for the log; it may be away for long, and who asked may be gone and ask again. */
export const MOST_ASKED = 1000

/** A reset that was asked for here and has not come back. */
interface Asked {
  readonly reset: Reset
  readonly done: (problem: CloseReason | undefined) => void
}

export class GameNode {
  readonly #context: NodeContext
  readonly #workers = new Map<number, Worker>()
  /** The worker of each cell, if it is connected to this node. */
  #speakers: Array<Worker | undefined> = []
  readonly #asked = new Map<string, Asked>()
  #workerIds = 0
  #hasFailed = false

  constructor(context: NodeContext) {
    this.#context = context
  }

  /** The log says. */
  read(event: GameEvent, position: number): void {
    const { log, state } = this.#context
    state.apply(event, position, this.#consequences)
    log.heard(event)
  }

  /** Begins at a snapshot. */
  restore(snapshot: Uint8Array): void {
    this.#context.state.restore(snapshot)
    this.#context.relay.unsafeReset()
  }

  /** The log was lost, and the game with it: this node starts with an empty state. */
  forgotten(): void {
    const { log, relay, state, tell } = this.#context
    tell("The engine has lost the log of the game, and with it the game: another one begins", true)
    this.#closeAll(CloseReason.Moved)
    state.forget()
    relay.unsafeReset()
    log.rename()
    for (const [request, { reset }] of this.#asked) log.reset(request, reset)
  }

  /** The log could not be folded any further: on this node the game is over. */
  failed(): void {
    this.#hasFailed = true
    this.#closeAll(CloseReason.Failed)
    for (const { done } of this.#asked.values()) done(CloseReason.Failed)
    this.#asked.clear()
  }

  /** `done` is called when this node has read the reset in the log. */
  reset(reset: Reset, done: (problem: CloseReason | undefined) => void): void {
    if (this.#hasFailed) return done(CloseReason.Failed)
    if (this.#asked.size >= MOST_ASKED) return done(CloseReason.Waiting)
    const { log } = this.#context
    const request = log.newRequest()
    this.#asked.set(request, { reset, done })
    log.reset(request, reset)
  }

  join(connection: WorkerConnection): Worker {
    const { barrier, incomplete, log, maxSubscriptions, relay, silent } = this.#context
    const worker = new Worker(this.#workerIds++, connection, {
      relay,
      barrier,
      maxSubscriptions,
      silent,
      incomplete,
      claim: (topic, { id, since }) => log.claim({ topic, worker: id, since }),
      left: (worker) => this.#left(worker)
    })
    log.whenCurrent(() => {
      if (worker.hasLeft) return
      if (this.#hasFailed) return connection.close(CloseReason.Failed.code, CloseReason.Failed.reason)
      worker.since = log.position()
      this.#workers.set(worker.id, worker)
      if (log.isHeld) connection.pause()
      barrier.unsafeConnect(worker)
    })
    return worker
  }

  /** Stops or resumes reading the workers. */
  hold(isHeld: boolean): void {
    for (const { connection } of this.#workers.values()) {
      if (isHeld) connection.pause()
      else connection.resume()
    }
  }

  #left(worker: Worker): void {
    this.#workers.delete(worker.id)
    if (worker.topic >= 0 && this.#speakers[worker.topic] === worker) this.#speakers[worker.topic] = undefined
  }

  readonly #consequences: Consequences = {
    reset: (request) => {
      this.#closeAll(CloseReason.NewGame)
      this.#context.log.restart()
      this.#context.relay.unsafeReset()
      this.#asked.get(request)?.done(undefined)
      this.#asked.delete(request)
    },
    counted: (before, after) => this.#context.barrier.unsafeCounted(before, after),
    claimed: (node, topic, id) => {
      const before = this.#speakers[topic]
      const after = node === this.#context.log.node ? this.#workers.get(id) : undefined
      this.#speakers[topic] = after
      if (before !== undefined && before !== after) this.#replace(before)
    },
    refused: (node, _, id) => {
      const worker = node === this.#context.log.node ? this.#workers.get(id) : undefined
      if (worker !== undefined) this.#replace(worker)
    },
    told: (state) => this.#context.relay.unsafeDeliver(state),
    added: (node) => {
      const { log, tell } = this.#context
      if (log.isBegun && node !== log.node) tell(`Node ${node} takes part in the game`, false)
    },
    removed: (node) => {
      const { log, tell } = this.#context
      if (node !== log.node) {
        if (log.isBegun) tell(`Node ${node} is out of the game`, false)
        return
      }
      if (log.hasLeft) return
      // The others have gone on without this node's workers, which may be elsewhere by now.
      tell(`The other nodes took this one for dead: its ${this.#workers.size} workers are sent away`, true)
      this.#closeAll(CloseReason.Moved)
      log.rename()
    }
  }

  /** Another worker has its cell. */
  #replace(worker: Worker): void {
    worker.connection.close(CloseReason.Replaced.code, CloseReason.Replaced.reason)
    worker.leave()
  }

  /** Sends all workers away; those that wait to join are nobody's yet. */
  #closeAll({ code, reason }: CloseReason): void {
    // It counts them no more, so that their leaving says nothing.
    this.#context.barrier.unsafeReset()
    for (const worker of this.#workers.values()) {
      worker.leave()
      worker.connection.close(code, reason)
    }
    this.#workers.clear()
    this.#speakers = []
  }
}
