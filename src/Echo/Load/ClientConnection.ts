import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import * as ConversationFailure from "../Scenario/ConversationFailure.ts"
import type { RunnerConnection } from "../Scenario/Op.ts"
import type { Address, ScriptConnectionHandler } from "../Scenario/Player.ts"
import type { Host } from "./ClientHost.ts"
import type { Messages } from "./ClientMessages.ts"
import { away, type Stateful, states } from "./ClientStates.ts"
import type { DialHandler, DialledConnection, Opening } from "./Dialer.ts"
import { Recovery } from "./Recovery.ts"

type Line =
  /** The client does not connect yet, or the connection is over. */
  | { readonly _tag: "None" }
  /** The client connects, or sends the HTTP requests that come before. */
  | { readonly _tag: "Opening" }
  | { readonly _tag: "Open"; readonly link: DialledConnection }
  /** The server closed. Messages that came before the close still have to be checked. */
  | { readonly _tag: "Closed"; readonly close: Close }

const none: Line = { _tag: "None" }
const opening: Line = { _tag: "Opening" }

interface Owner extends Stateful {
  readonly messages: Messages
}

/** The connection of a client to the server. It is made, lost, closed, and made again. */
export class Connection implements DialHandler, RunnerConnection {
  readonly recovery: Recovery
  #line: Line = none
  /** Where the conversation goes on after a `reconnect` that begins with the requests before the connection. */
  #resumeAt: number | undefined
  readonly #client: Owner
  readonly #host: Host

  /** `before` is the connection of the client's last conversation. */
  constructor(client: Owner, host: Host, before: Connection | undefined) {
    this.#client = client
    this.#host = host
    this.recovery = new Recovery(before?.recovery)
  }

  get link(): DialledConnection | undefined {
    return this.#line._tag === "Open" ? this.#line.link : undefined
  }

  get closedBy(): Close | undefined {
    return this.#line._tag === "Closed" ? this.#line.close : undefined
  }

  /** The client begins with what comes before its connection. */
  begin(): void {
    this.#line = opening
    this.#host.recorder.connecting++
  }

  readonly connect = (): void => {
    const client = this.#client
    client.at = this.#resumeAt ?? client.at + 1
    this.#resumeAt = undefined
    this.#dial()
  }

  #dial(): void {
    const onLeave = this.#host.dial(this.#client, this)
    this.#client.state = { _tag: "Connecting", onDeadline: () => {}, onLeave }
  }

  onOpen(link: DialledConnection, opening: Opening): void {
    const client = this.#client
    this.#opened(link, opening, client.flow.offersCompression)
    this.#host.opened(client)
    if (!client.flow.program.checks) this.works()
    client.messages.rules?.open(link)
    client.step()
  }

  /** The conversation counts as open from its first connection on. A script may open several. */
  #opened(link: DialledConnection, { connect, extensions, handshake, tls }: Opening, offersCompression: boolean): void {
    const { recorder } = this.#host
    if (this.#line._tag === "Opening") {
      this.#line = { _tag: "Open", link }
      recorder.opened(connect, handshake)
    } else recorder.timed(connect, handshake)
    if (offersCompression) recorder.compression?.opened(extensions)
    if (tls !== undefined) recorder.named.record(tls.resumed ? "tls.resumed" : "tls", tls.time)
  }

  onFailure(failure: Failure): void {
    if (this.#client.state._tag !== "Connecting") return
    this.#host.failedToOpen(this.#client, failure)
    this.#lose(failure)
  }

  /** A connection of a script. */
  readonly dialOwn = (to: Address, handler: ScriptConnectionHandler): (() => void) => {
    const client = this.#client
    const ifPlaying =
      <Given extends ReadonlyArray<unknown>>(act: (...given: Given) => void) =>
      (...given: Given): void => {
        if (client.state !== states.done) act(...given)
      }
    return this.#host.dialTo(client, to, {
      onOpen: (link, opening) => {
        if (client.state === states.done) return link.terminate()
        this.#opened(link, opening, to.compress)
        this.works()
        handler.onOpen(client.messages.ownLink(link), opening.connect + opening.handshake)
      },
      onFailure: ifPlaying(handler.onFailure),
      onMessage: ifPlaying((message) => {
        client.messages.count(message)
        handler.onMessage(message)
      }),
      onPong: ifPlaying(handler.onPong),
      onClose: ifPlaying(handler.onClose)
    })
  }

  /** The conversation works: a right reply came, or the connection is open and nothing is checked. */
  works(): void {
    this.recovery.complete(this.#host.now, this.#host.recorder, this.#client.flow.program.lasts)
  }

  onMessage(message: Message): void {
    this.#client.messages.receive(message)
  }

  /** Most messages are handled when they are read. In a quiet run each of them would need a chunk of its own. */
  onAscii(bytes: Buffer, start: number, end: number): void {
    this.#client.messages.receive(bytes.toString("latin1", start, end))
  }

  onPong(payload: string): void {
    this.#client.state.onPong?.(this.#client, payload)
  }

  onClose(close: Close): void {
    const { state } = this.#client
    if (state.onClose === undefined) this.endBy(close)
    else state.onClose(this.#client, close)
  }

  close(code: number, reason: string): void {
    this.#client.messages.rules?.close()
    this.link?.close(code, reason)
  }

  readonly endByClose = (): void => this.endBy(this.closedBy ?? { code: CloseCode.Abnormal, reason: "" })

  /** The server closed. This is correct only if the current step waits for a close with this code. */
  endBy(close: Close): void {
    const { op, values } = this.#client
    if (op?.closedWith === close.code) return this.#client.end()
    this.#lose(ConversationFailure.earlyClose(op, close, values))
  }

  closedInPause(close: Close): void {
    const { messages, op } = this.#client
    if (messages.replies.isEmpty && op?.closedWith === undefined) return this.endBy(close)
    this.#closed(close)
  }

  closedDuring(close: Close, act: () => void): void {
    this.#closed(close)
    this.#host.soon(act)
  }

  #closed(close: Close): void {
    this.#hangUp()
    this.#line = { _tag: "Closed", close }
  }

  #hangUp(): void {
    const { link } = this
    if (link === undefined) return
    this.#host.recorder.open--
    this.#client.messages.rules?.close()
    link.terminate()
    this.#line = none
  }

  /** Ends the connection, and clears the state that belongs to it. What has no reply yet gets none. */
  drop(): void {
    const { recorder } = this.#host
    const { messages, state } = this.#client
    state.onLeave?.()
    if (this.#line._tag === "Opening") recorder.connecting--
    if (state._tag === "Away") recorder.away--
    this.#hangUp()
    this.#line = none
    messages.drop()
  }

  /** The connection is lost. Connects again if the scenario says so; otherwise the conversation fails. */
  #lose(failure: Failure): void {
    const client = this.#client
    const { recovery } = this
    const { connectAt, reconnect } = client.flow.program
    const now = client.now()
    recovery.lose(now)
    if (reconnect === undefined || recovery.attempts >= reconnect.times || this.#host.isOver(client))
      return client.end(failure)
    recovery.attempts++
    this.drop()
    client.at = reconnect.login ? 0 : connectAt + 1
    this.#resumeAt = undefined
    client.values.rounds.fill(0)
    client.times.endRounds()
    this.#goAway(failure, now + reconnect.after)
  }

  refuse(failure: Failure): void {
    const isReconnecting = this.#client.flow.program.reconnect?.login === true && this.recovery.attempts > 0
    if (isReconnecting) this.#lose(failure)
    else this.#client.end(failure)
  }

  leaveFor(after: number, login: boolean): void {
    const client = this.#client
    this.drop()
    client.at++
    if (login) {
      this.#resumeAt = client.at
      client.at = 0
    }
    this.recovery.lostAt = client.now() + after
    this.#goAway(undefined, this.recovery.lostAt)
  }

  #goAway(failure: Failure | undefined, until: number): void {
    this.#host.recorder.away++
    this.#client.until(away(failure), until)
  }

  comeBack(failure: Failure | undefined): void {
    const client = this.#client
    const { recorder } = this.#host
    recorder.away--
    recorder.named.count("reconnects")
    client.state = states.running
    this.begin()
    if (client.at <= client.flow.program.connectAt) return client.step()
    try {
      this.#dial()
    } catch (error) {
      client.failBy(error, failure === undefined ? client.op : undefined)
    }
  }
}
