/**
 * What a node does to its own connections when it reads the log: it tells workers when to subscribe and run, delivers
 * states, and closes workers that are replaced, that belong to an earlier game, or whose node was counted as gone.
 *
 * A worker joins after this node has read everything that was in the log when the worker came. Otherwise it could join a
 * game that another node has already reset.
 */
import type { Reader } from "../../Log/Log.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { AskedReset, Claim, GameEvent } from "./GameEvent.ts"
import type { GameLog } from "./GameLog.ts"
import type { GameState } from "./GameState.ts"
import { processOf } from "./NodeRegister.ts"
import type { Mishap } from "./ThisNode.ts"
import { Worker, type WorkerConnection, type WorkerContext } from "./Worker.ts"

export interface NodeContext extends Omit<WorkerContext, "left"> {
  readonly state: GameState
  readonly log: GameLog
  /** Tells the operator of this node what has happened to the game, and how many workers were closed. */
  readonly report: (mishap: Mishap, workers: number) => void
}

/** The most resets that wait for the log: it may be away for long, and clients that gave up may ask again. */
export const MAX_PENDING_RESETS = 1000

/** A reset that was requested on this node and has not come back from the log. */
interface PendingReset {
  readonly reset: AskedReset
  readonly done: (problem: CloseReason | undefined) => void
}

export class GameNode implements Reader<GameEvent> {
  readonly #context: NodeContext
  /** One for all workers: a node has thousands. */
  readonly #workerContext: WorkerContext
  readonly #workers = new Map<number, Worker>()
  /** The workers of cells that are connected to this node. */
  readonly #speakers = new Map<number, Worker>()
  readonly #pendingResets = new Map<string, PendingReset>()
  #workerIds = 0
  #hasFailed = false

  constructor(context: NodeContext) {
    this.#context = context
    this.#workerContext = { ...context, left: (worker) => this.#left(worker) }
  }

  entry(event: GameEvent, position: number): void {
    const { log, state } = this.#context
    if (!("epoch" in event) || state.noteEpoch(event.epoch)) this.#fold(event, position)
    log.heard()
  }

  snapshot(): Uint8Array {
    return this.#context.state.snapshot()
  }

  /** Sets the state to a snapshot: at the start, or because this node has missed a part of the log. */
  restore(snapshot: Uint8Array): void {
    const { log, relay, report, state } = this.#context
    if (log.isBegun) {
      report("missed", this.#workers.size)
      this.#closeAll(CloseReason.Moved)
    }
    state.restore(snapshot)
    relay.unsafeReset()
    if (!log.isBegun) return
    log.rename()
    // Whether these resets are in the log is not known, so who asked for them has to ask again.
    for (const { done } of this.#pendingResets.values()) done(CloseReason.Moved)
    this.#pendingResets.clear()
  }

  /** The log was lost, and with it the game. This node starts with an empty state. */
  forgotten(): void {
    const { log, relay, state, report } = this.#context
    report("lost", this.#workers.size)
    this.#closeAll(CloseReason.Moved)
    state.forget()
    relay.unsafeReset()
    log.rename()
    for (const [request, { reset }] of this.#pendingResets) log.reset(request, reset)
  }

  /** The log could not be folded any further, so on this node the game is over. */
  failed(): void {
    this.#hasFailed = true
    this.#closeAll(CloseReason.Failed)
    for (const { done } of this.#pendingResets.values()) done(CloseReason.Failed)
    this.#pendingResets.clear()
  }

  /** `done` is called when this node has read the reset in the log. */
  reset(reset: AskedReset, done: (problem: CloseReason | undefined) => void): void {
    if (this.#hasFailed) return done(CloseReason.Failed)
    if (this.#pendingResets.size >= MAX_PENDING_RESETS) return done(CloseReason.Waiting)
    const { log } = this.#context
    const request = log.newRequest()
    this.#pendingResets.set(request, { reset, done })
    log.reset(request, reset)
  }

  /** A process is silent: it is no longer in the game. Of this process only former names are removed. */
  removeSilent(process: string): void {
    const { log, state } = this.#context
    if (!log.isBegun) return
    for (const node of state.nodes.names) if (processOf(node) === process && node !== log.node) log.remove(node)
  }

  join(connection: WorkerConnection): Worker {
    const { barrier, log } = this.#context
    const worker = new Worker(this.#workerIds++, connection, this.#workerContext)
    log.whenCurrent(() => {
      if (worker.hasLeft) return
      if (this.#hasFailed) return connection.close(CloseReason.Failed.code, CloseReason.Failed.reason)
      worker.since = log.position()
      this.#workers.set(worker.id, worker)
      if (log.isPaused) connection.pause()
      barrier.unsafeConnect(worker)
    })
    return worker
  }

  speaker(topic: number): Worker | undefined {
    return this.#speakers.get(topic)
  }

  setPaused(isPaused: boolean): void {
    for (const { connection } of this.#workers.values()) {
      if (isPaused) connection.pause()
      else connection.resume()
    }
  }

  #left(worker: Worker): void {
    this.#workers.delete(worker.id)
    if (this.#speakers.get(worker.topic) === worker) this.#speakers.delete(worker.topic)
  }

  #fold(event: GameEvent, position: number): void {
    const { barrier, relay, state } = this.#context
    const before = state.barrier
    switch (event.type) {
      case "states":
        for (const each of event.states) if (state.publish(each)) relay.unsafeDeliver(each)
        return
      case "columns":
        if (state.publishAll(event.columns)) relay.unsafeDeliverAll(event.columns)
        return
      case "claims":
        for (const claim of event.claims) this.#claim(event.node, claim)
        return
      case "census":
        if (state.count(event.node, event.census)) barrier.unsafeCounted(before, state.barrier)
        return
      case "reset":
        return this.#reset(event.request, state.reset(event, position))
      case "hello":
        return state.nodes.add(event.node)
      case "bye":
        if (!state.remove(event.node)) return
        barrier.unsafeCounted(before, state.barrier)
        return this.#removed(event.node)
    }
  }

  #reset(request: string, problem: CloseReason | undefined): void {
    if (problem === undefined) {
      this.#closeAll(CloseReason.NewGame)
      this.#context.log.restart()
      this.#context.relay.unsafeReset()
    }
    this.#pendingResets.get(request)?.done(problem)
    this.#pendingResets.delete(request)
  }

  #claim(node: string, claim: Claim): void {
    const { log, state } = this.#context
    const worker = node === log.node ? this.#workers.get(claim.worker) : undefined
    if (!state.claim(claim)) {
      if (worker !== undefined) this.#replace(worker)
      return
    }
    const before = this.#speakers.get(claim.topic)
    if (worker === undefined) this.#speakers.delete(claim.topic)
    else this.#speakers.set(claim.topic, worker)
    if (before !== undefined && before !== worker) this.#replace(before)
  }

  #removed(node: string): void {
    const { log, report } = this.#context
    if (node !== log.node || log.hasLeft) return
    // The other nodes continue without this node's workers, which may be connected elsewhere by now.
    report("removed", this.#workers.size)
    this.#closeAll(CloseReason.Moved)
    log.rename()
  }

  #replace(worker: Worker): void {
    worker.connection.close(CloseReason.Replaced.code, CloseReason.Replaced.reason)
    worker.leave()
  }

  /** Closes all workers, except those that wait to join. */
  #closeAll({ code, reason }: CloseReason): void {
    // The barrier forgets the workers first, so that it does not count that they leave.
    this.#context.barrier.unsafeReset()
    for (const worker of this.#workers.values()) {
      worker.leave()
      worker.connection.close(code, reason)
    }
    this.#workers.clear()
    this.#speakers.clear()
  }
}
