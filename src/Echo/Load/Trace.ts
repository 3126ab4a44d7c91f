import * as Context from "effect/Context"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { HttpAnswer, Requester } from "../Scenario/HttpRequest.ts"
import type { Stateful } from "./ClientStates.ts"
import type { Dialer, DialHandler, DialledConnection, Opening, Target } from "./Dialer.ts"

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
  readonly client: Stateful
}

/** Gets everything that happens in the conversations of a run. Only for runs of few clients. */
export class Trace extends Context.Tag("effect-c10k/Echo/Trace")<
  Trace,
  { readonly unsafeNote: (happening: Happening) => void }
>() {}

/** Makes a function that notes what happens, and then does it. */
type Noting = <Args extends ReadonlyArray<unknown>>(
  kind: Happening["kind"],
  what: (...args: Args) => Message,
  act: (...args: Args) => void
) => (...args: Args) => void

const notingFor =
  ({ unsafeNote }: Trace["Type"], client: Stateful): Noting =>
  (kind, what, act) =>
  (...args) => {
    unsafeNote({ kind, what: what(...args), client })
    act(...args)
  }

const detailOf = ({ detail }: Failure): string => detail
const itself = <A>(what: A): A => what
const closing = (code: number, reason: string): string => `${code} ${reason}`.trim()

const tracedLink = (link: DialledConnection, noting: Noting): DialledConnection => ({
  get queued() {
    return link.queued
  },
  send: noting("sent", itself<Message>, (message) => link.send(message)),
  ping: noting("ping", itself<string>, (payload) => link.ping(payload)),
  close: noting("close", closing, (code, reason) => link.close(code, reason)),
  terminate: () => link.terminate()
})

const tracedHandler = (handler: DialHandler, noting: Noting): DialHandler => ({
  onOpen: noting(
    "open",
    (_: DialledConnection, { extensions = "" }: Opening) => extensions,
    (link, opening) => handler.onOpen(tracedLink(link, noting), opening)
  ),
  onFailure: noting("failed", detailOf, (failure) => handler.onFailure(failure)),
  onMessage: noting("received", itself<Message>, (message) => handler.onMessage(message)),
  onPong: noting("pong", itself<string>, (payload) => handler.onPong?.(payload)),
  onClose: noting(
    "closed",
    ({ code, reason }: Close) => closing(code, reason),
    (close) => handler.onClose(close)
  )
})

/** Connects a client, and notes what happens. `handler` gets the events of the connection. */
export const dial = (
  trace: Trace["Type"],
  dialer: Dialer["Type"],
  target: Target,
  client: Stateful,
  handler: DialHandler
): (() => void) => {
  trace.unsafeNote({ kind: "connect", what: target.url.href, client })
  return dialer.unsafeDial(target, tracedHandler(handler, notingFor(trace, client)))
}

/** Sends the HTTP requests of a client, and notes them and their answers. */
export const requester =
  (trace: Trace["Type"], request: Requester, client: Stateful): Requester =>
  (given, handler) => {
    const noting = notingFor(trace, client)
    const { body, method, url } = given
    trace.unsafeNote({ kind: "request", what: `${method} ${url.href}${body === undefined ? "" : ` ${body}`}`, client })
    return request(given, {
      onAnswer: noting("answer", ({ body, status }: HttpAnswer) => `${status} ${body}`, handler.onAnswer),
      onFailure: noting("failed", detailOf, handler.onFailure)
    })
  }
