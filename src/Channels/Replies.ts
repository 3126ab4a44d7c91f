/**
 * What a connection sends: replies to commands, and pushes. The replies to one message leave as one message.
 *
 * A client's connection extends this, and does not own it: all that a client keeps while it is idle is one object, and a
 * delivery to thousands of clients loads as few objects as possible into the CPU's cache.
 */
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import type { PreparedMessage } from "../WebSocket/Frames/PreparedMessage.ts"
import { PublishError } from "../WebSocket/Topic/PendingPublications.ts"
import type { ChannelNode } from "./ChannelNode.ts"
import { errors, type ReplyError } from "./Codes.ts"
import * as Protocol from "./Protocol.ts"

export abstract class Replies<R> {
  // The fields that a delivery uses come first, so that they share a cache line.
  protected readonly connection: Connection
  /** The replies to the message that is being handled. */
  #corked: string | undefined = undefined
  readonly node: ChannelNode<R>

  constructor(connection: Connection, node: ChannelNode<R>) {
    this.connection = connection
    this.node = node
  }

  abstract readonly isClosed: boolean

  /** The bytes that may be sent now, if the client takes nothing more of what waits for it. */
  get room(): number {
    const corked = this.#corked === undefined ? 0 : Buffer.byteLength(this.#corked)
    return (this.node.maxQueued * 3) / 4 - this.connection.queued - corked
  }

  /** Replies wait for `uncork`. */
  protected cork(): void {
    this.#corked = ""
  }

  protected uncork(): void {
    this.flush()
    this.#corked = undefined
  }

  /** Sends the replies that wait: before anything else is sent, to keep the order. */
  protected flush(): void {
    if (!this.#corked) return
    const text = this.#corked
    this.#corked = ""
    this.connection.send(text)
  }

  /** Sends a push or a ping at once. */
  protected send(text: string): void {
    this.flush()
    this.connection.send(text)
  }

  /** Sends a push that many connections get. */
  protected sendPrepared(frame: PreparedMessage): void {
    this.flush()
    this.connection.sendPrepared(frame)
  }

  /** Answers a command. `result` is JSON. */
  answer(id: number, method: string, result: string): void {
    this.#reply(Protocol.reply(id, method, result))
  }

  /** Refuses a command. */
  fail(id: number, error: ReplyError | PublishError): void {
    const known = error instanceof PublishError ? errorOf(error) : error
    this.node.refused(`${known.code} ${known.message}`)
    this.#reply(Protocol.errorReply(id, known))
  }

  #reply(text: string): void {
    if (this.isClosed) return
    if (this.#corked === undefined) this.connection.send(text)
    else this.#corked = this.#corked === "" ? text : `${this.#corked}\n${text}`
  }
}

const errorOf = ({ reason }: PublishError): ReplyError =>
  reason === "TooLarge" ? errors.limitExceeded : errors.internal
