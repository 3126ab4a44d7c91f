import * as Context from "effect/Context"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Requester } from "../Scenario/HttpRequest.ts"
import type { Dialer, Link, LinkHandler, Target } from "./Dialer.ts"

/** The client of a conversation, as far as a trace needs it. */
interface Talker {
  readonly now: () => number
  readonly values: { readonly secrets: ReadonlyArray<string> }
}

/** Something that happened in a conversation. */
export interface Happening {
  readonly kind:
    | "connect"
    | "open"
    | "sent"
    | "received"
    | "ping"
    | "pong"
    | "close"
    | "closed"
    | "failed"
    | "ended"
    | "request"
    | "answer"
  /** A message, or what there is to say. A conversation has `ended` because of it. */
  readonly what: Message
  readonly client: Talker
}

/** Gets everything that happens in the conversations of a run. Only for runs of few clients. */
export class Trace extends Context.Tag("effect-c10k/Echo/Trace")<
  Trace,
  { readonly unsafeNote: (happening: Happening) => void }
>() {}

type Note = (kind: Happening["kind"], what: Message) => void

const notedBy =
  ({ unsafeNote }: Trace["Type"], client: Talker): Note =>
  (kind, what) =>
    unsafeNote({ kind, what, client })

const tracedLink = (link: Link, note: Note): Link => ({
  get queued() {
    return link.queued
  },
  send: (message) => {
    note("sent", message)
    link.send(message)
  },
  ping: (payload) => {
    note("ping", payload)
    link.ping(payload)
  },
  close: (code, reason) => {
    note("close", `${code} ${reason}`.trim())
    link.close(code, reason)
  },
  terminate: () => link.terminate()
})

const tracedHandler = (handler: LinkHandler, note: Note): LinkHandler => ({
  onOpen: (link, opening) => {
    note("open", opening.extensions ?? "")
    handler.onOpen(tracedLink(link, note), opening)
  },
  onFailure: (failure) => {
    note("failed", failure.detail)
    handler.onFailure(failure)
  },
  onMessage: (message) => {
    note("received", message)
    handler.onMessage(message)
  },
  onPong: (payload) => {
    note("pong", payload)
    handler.onPong?.(payload)
  },
  onClose: (close) => {
    note("closed", `${close.code} ${close.reason}`.trim())
    handler.onClose(close)
  }
})

/** Connects a client, and notes what happens. `handler` gets the events of the connection. */
export const dial = (
  trace: Trace["Type"],
  dialer: Dialer["Type"],
  target: Target,
  client: Talker,
  handler: LinkHandler
): (() => void) => {
  const note = notedBy(trace, client)
  note("connect", target.url.href)
  return dialer.unsafeDial(target, tracedHandler(handler, note))
}

/** Sends the HTTP requests of a client, and notes them and their answers. */
export const requester =
  (trace: Trace["Type"], request: Requester, client: Talker): Requester =>
  (given, handler) => {
    const note = notedBy(trace, client)
    note("request", [`${given.method} ${given.url.href}`, ...(given.body === undefined ? [] : [given.body])].join(" "))
    return request(given, {
      onAnswer: (answer) => {
        note("answer", `${answer.status} ${answer.body}`)
        handler.onAnswer(answer)
      },
      onFailure: (failure) => {
        note("failed", failure.detail)
        handler.onFailure(failure)
      }
    })
  }
