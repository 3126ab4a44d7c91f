import type { Timer } from "../../src/Time/Timer.ts"
import type { Message } from "../../src/WebSocket/Frames/Message.ts"

/** The server's side of one connection, independent of the transport. */
export interface Peer {
  readonly path: string
  readonly send: (message: Message) => void
  readonly close: (code: number, reason?: string) => void
  /** Drops the connection without a close frame. */
  readonly drop: () => void
  /** The clock of the test, which is the real one over sockets. */
  readonly timer: Timer
  onMessage: (message: Message) => void
}

/** What a server does with a new connection. Each test server has a behaviour that the load tester must recognise. */
export type Behaviour = (peer: Peer) => void

/** The conversation of the C10k demo, with `last` at its end. */
const conversing =
  (...last: ReadonlyArray<string>): Behaviour =>
  (peer) => {
    let n = 0
    peer.send("Hello!")
    peer.onMessage = (message) => {
      peer.send(`${++n}. ${message}`)
      if (n < 3) return
      for (const text of last) peer.send(text)
      peer.close(1000)
    }
  }

/** The conversation of the C10k demo. */
export const original = conversing("Goodbye!")

export const echo: Behaviour = (peer) => {
  peer.onMessage = (message) => peer.send(message)
}

export const silent: Behaviour = () => {}

/** Answers the second message wrongly. */
export const wrong: Behaviour = (peer) => {
  let n = 0
  peer.send("Hello!")
  peer.onMessage = (message) => peer.send(++n === 2 ? "2. Ham!" : `${n}. ${message}`)
}

export const leaves: Behaviour = (peer) => {
  peer.send("Hello!")
  peer.onMessage = () => peer.close(1011, "out of order")
}

export const drops: Behaviour = (peer) => {
  peer.send("Hello!")
  peer.onMessage = () => peer.drop()
}

/** Sends one message too many. */
export const talks = conversing("Goodbye!", "And another thing")

/** Echoes, but answers nothing for `length` milliseconds, beginning `after` milliseconds after the first message. */
export const stalling = (after: number, length: number): Behaviour => {
  let begin = Infinity
  return (peer) => {
    peer.onMessage = (message) => {
      const now = peer.timer.now()
      if (begin === Infinity) begin = now + after
      const stalled = now >= begin && now < begin + length
      if (stalled) peer.timer.after(begin + length - now, () => peer.send(message))
      else peer.send(message)
    }
  }
}
