/** What a connection sends: replies to commands, and pushes. The replies to one message leave as one message. */
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import type { PreparedMessage } from "../WebSocket/Frames/PreparedMessage.ts"
import { PublishError } from "../WebSocket/Topic/PendingPublications.ts"
import { errors, type ReplyError } from "./Codes.ts"
import * as Protocol from "./Protocol.ts"

/** The part of a client's connection that its replies use. */
export interface ReplyOwner {
  readonly isClosed: boolean
}

interface ReplyRules {
  /** Counts why clients are refused. */
  readonly refused: (why: string) => void
  /** The most bytes that wait for a client that reads slowly. */
  readonly maxQueued: number
}

export class Replies {
  readonly #owner: ReplyOwner
  readonly #connection: Connection
  readonly #refused: (why: string) => void
  readonly #maxReplies: number
  /** The replies to the message that is being handled. */
  #corked: Array<string> | undefined

  constructor(owner: ReplyOwner, connection: Connection, { maxQueued, refused }: ReplyRules) {
    this.#owner = owner
    this.#connection = connection
    this.#refused = refused
    this.#maxReplies = (maxQueued * 3) / 4
  }

  /** The bytes that may be sent now, if the client takes nothing more of what waits for it. */
  get room(): number {
    const corked = (this.#corked ?? []).reduce((bytes, text) => bytes + Buffer.byteLength(text), 0)
    return this.#maxReplies - this.#connection.queued - corked
  }

  /** Replies wait for `uncork`. */
  cork(): void {
    this.#corked = []
  }

  uncork(): void {
    this.flush()
    this.#corked = undefined
  }

  /** Sends the replies that wait: before anything else is sent, to keep the order. */
  flush(): void {
    if (this.#corked === undefined || this.#corked.length === 0) return
    const text = this.#corked.join("\n")
    this.#corked = []
    this.#connection.send(text)
  }

  /** Sends a push or a ping at once. */
  push(text: string): void {
    this.flush()
    this.#connection.send(text)
  }

  /** Sends a push that many connections get. */
  pushPrepared(frame: PreparedMessage): void {
    this.flush()
    this.#connection.sendPrepared(frame)
  }

  /** Answers a command. `result` is JSON. */
  answer(id: number, method: string, result: string): void {
    this.#reply(Protocol.reply(id, method, result))
  }

  /** Refuses a command. */
  fail(id: number, error: ReplyError | PublishError): void {
    const known = error instanceof PublishError ? errorOf(error) : error
    this.#refused(`${known.code} ${known.message}`)
    this.#reply(Protocol.errorReply(id, known))
  }

  #reply(text: string): void {
    if (this.#owner.isClosed) return
    if (this.#corked === undefined) this.#connection.send(text)
    else this.#corked.push(text)
  }
}

const errorOf = ({ reason }: PublishError): ReplyError =>
  reason === "TooLarge" ? errors.limitExceeded : errors.internal
