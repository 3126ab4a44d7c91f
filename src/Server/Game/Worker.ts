/** The server's side of a worker in protocol 0: the worker waits for its turn, subscribes, and runs. */
import { CloseReason } from "../../Protocol/CloseReason.ts"
import * as Protocol0 from "../../Protocol/Protocol0.ts"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import type { Deadlines } from "../../WebSocket/Connection/Deadlines.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import { ofAscii } from "../../WebSocket/Frames/Frame.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { GameLog } from "./GameLog.ts"
import type { Relay, Subscriber } from "./Relay.ts"
import type { StartupBarrier, Waiting } from "./StartupBarrier.ts"
import { type Incomplete, StepSubscriber } from "./StepSubscriber.ts"

/** The part of a connection that a worker uses. */
export type WorkerConnection = Pick<Connection, "sendFrame" | "close" | "pause" | "resume">

export interface WorkerContext {
  readonly relay: Relay["Type"]
  readonly barrier: StartupBarrier["Type"]
  readonly maxSubscriptions: number
  /** The workers that were told to subscribe and have not sent anything. */
  readonly silent: Deadlines<WorkerConnection>
  /** Where its states go, and its claim of a cell. */
  readonly log: Pick<GameLog, "claim" | "publish">
  readonly left: (worker: Worker) => void
  /** With a shared log: the subscribers that keep a part of a step. */
  readonly incomplete: Incomplete | undefined
}

const Turn = { Wait: 0, Subscribe: 1, WaitToRun: 2, Run: 3, Left: 4 } as const

const subFrame = ofAscii(Protocol0.SUB)
const runFrame = ofAscii(Protocol0.RUN)

export class Worker implements Handler, Waiting {
  /** Unique in its node. */
  readonly id: number
  readonly connection: WorkerConnection
  /** The worker's cell; -1 before its first state. */
  topic = -1
  /** The position in the log at which it joined. */
  since = 0
  readonly #context: WorkerContext
  #turn: number = Turn.Wait
  #topics: Array<number> = []
  #subscriber: Subscriber

  constructor(id: number, connection: WorkerConnection, context: WorkerContext) {
    this.id = id
    this.connection = connection
    this.#context = context
    this.#subscriber = connection
  }

  /** The cells to which it has subscribed. */
  get topics(): ReadonlyArray<number> {
    return this.#topics
  }

  get hasLeft(): boolean {
    return this.#turn === Turn.Left
  }

  subscribeNow(): void {
    this.#turn = Turn.Subscribe
    this.#context.silent.add(this.connection)
    this.connection.sendFrame(subFrame)
  }

  runNow(): void {
    this.#turn = Turn.Run
    this.connection.sendFrame(runFrame)
    const { incomplete, relay } = this.#context
    if (incomplete !== undefined) {
      const { height, width } = relay.unsafeGrid()
      this.#subscriber = new StepSubscriber(this.connection, new Set(this.#topics).size, width * height, incomplete)
    }
    // Not earlier: in a running game, the states of other cells would come before `run`.
    for (const topic of this.#topics) relay.unsafeSubscribe(topic, this.#subscriber)
    // In a running game, a worker that reconnected or replaces another learns from this where its neighbours are.
    for (const topic of this.#topics) relay.unsafeReplay(topic, this.#subscriber)
  }

  onMessage(message: Message): void {
    if (this.#turn === Turn.Run) this.#run(message)
    else if (this.#turn === Turn.Subscribe) this.#subscribe(message)
    else if (this.#turn !== Turn.Left) this.#refuse(CloseReason.TooEarly)
  }

  onClose({ code }: Close): void {
    this.leave(code === CloseCode.Abnormal)
    this.#context.left(this)
  }

  /** Unsubscribes the worker and stops counting it. `isBroken`: its connection ended without a close frame. */
  leave(isBroken = false): void {
    if (this.#turn === Turn.Left) return
    this.#turn = Turn.Left
    const { barrier, relay, silent } = this.#context
    silent.delete(this.connection)
    for (const topic of this.#topics) relay.unsafeUnsubscribe(topic, this.#subscriber)
    this.#topics = []
    barrier.unsafeLeave(this, isBroken)
  }

  #run(message: Message): void {
    if (typeof message !== "string") return this.#refuse(CloseReason.Malformed)
    const { log, relay } = this.#context
    const { height, stateCount, width } = relay.unsafeGrid()
    const read = Protocol0.parseState(message, stateCount)
    if (read === undefined) return this.#refuse(CloseReason.Malformed)
    if (read.row >= height || read.col >= width) return this.#refuse(CloseReason.OutOfGrid)
    const topic = read.row * width + read.col
    if (topic !== this.topic) {
      if (this.topic >= 0) return this.#refuse(CloseReason.OtherCell)
      // Its first state decides its cell.
      this.topic = topic
      log.claim({ topic, worker: this.id, since: this.since })
    }
    log.publish({ topic, step: read.step, state: read.state, text: message })
  }

  #subscribe(message: Message): void {
    const { barrier, relay, maxSubscriptions, silent } = this.#context
    silent.delete(this.connection)
    if (message === Protocol0.SUB) {
      this.#turn = Turn.WaitToRun
      return barrier.unsafeSubscribed(this)
    }
    if (typeof message !== "string") return this.#refuse(CloseReason.Malformed)
    const cell = Protocol0.parseSubscription(message)
    const { height, stateCount, width } = relay.unsafeGrid()
    if (cell === undefined) {
      const isState = Protocol0.parseState(message, stateCount) !== undefined
      return this.#refuse(isState ? CloseReason.TooEarly : CloseReason.Malformed)
    }
    if (cell.row >= height || cell.col >= width) return this.#refuse(CloseReason.OutOfGrid)
    if (this.#topics.length >= maxSubscriptions) return this.#refuse(CloseReason.TooManySubscriptions)
    this.#topics.push(cell.row * width + cell.col)
  }

  #refuse({ code, reason }: CloseReason): void {
    this.connection.close(code, reason)
    this.leave()
  }
}
