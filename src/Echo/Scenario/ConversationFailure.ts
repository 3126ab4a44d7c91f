import * as Count from "../../Text/Count.ts"
import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { type Failure, timedOut } from "../Measure/Failure.ts"
import { show } from "./Expectation.ts"
import type { HttpAnswer } from "./HttpRequest.ts"
import type { ExpectOp, Op } from "./Op.ts"
import { RenderError, type Variables } from "./Template.ts"

const describe = ({ cases, need }: ExpectOp, variables: Variables): string => {
  const [first, ...others] = cases.map(({ expectation }) => expectation.describe(variables))
  if (first === undefined || others.length === 0)
    return typeof need === "number" && need > 1 ? `${need} times ${first}` : `${first}`
  return `${need === "all" ? "each of" : "one of"} ${[first, ...others].join(", ")}`
}

const expected = (op: ExpectOp, variables: Variables): string => {
  try {
    return describe(op, variables)
  } catch (error) {
    if (error instanceof RenderError) return `a value that is not known: ${error.message}`
    throw error
  }
}

/** A step did not get in time the messages that it waits for; `taken` came, and `skipped` was the last one that it does not match. */
export const noReply = (op: ExpectOp, variables: Variables, taken: number, skipped: Message | undefined): Failure => {
  const came = op.need === 1 ? "" : `, ${taken} came`
  const other = skipped === undefined ? "" : `; the last other message was ${show(skipped)}`
  return timedOut(`no reply at step ${op.step}`, op.timeout, `expected ${expected(op, variables)}${came}${other}`)
}

export const notClosed = (timeout: number): Failure => timedOut("no close from the server", timeout)

/** A script waits too long for a message, or neither sends nor takes one, nor ends. */
export const scriptTooLate = (step: string, timeout: number, isWaiting: boolean): Failure =>
  isWaiting
    ? timedOut(`no message for the script at step ${step}`, timeout)
    : { ...timedOut(`the script at step ${step} neither sent nor received nor ended`, timeout), cause: "script" }

const failureAt = (step: string, detail: string): Failure => ({ cause: "wrong reply", kind: `at step ${step}`, detail })

export const wrongReply = (op: ExpectOp, message: Message, variables: Variables): Failure =>
  failureAt(op.step, `expected ${expected(op, variables)}, got ${show(message)}`)

const nothingToCapture = (from: string, name: string, message: Message): string =>
  `nothing at ${from} to capture as ${name}, got ${show(message)}`

export const notCaptured = ({ step }: ExpectOp, name: string, from: string, message: Message): Failure =>
  failureAt(step, nothingToCapture(from, name, message))

/** The message does not contain the sender's stamp, from which its delivery time is computed. */
export const notStamped = ({ step }: ExpectOp, message: Message): Failure =>
  failureAt(step, `found no value of {{$stamp}}, got ${show(message)}`)

export const wrongStatus = (step: string, expected: string, { body, status }: HttpAnswer): Failure => ({
  cause: "http",
  kind: `status ${status} at step ${step}`,
  detail: `expected the status ${expected}, got ${status}${body === "" ? "" : ` with ${show(body)}`}`
})

export const notInAnswer = (step: string, name: string, from: string, { body }: HttpAnswer): Failure => ({
  cause: "http",
  kind: `another answer at step ${step}`,
  detail: nothingToCapture(from, name, body)
})

export const tooManyKept = (limit: number): Failure => ({
  cause: "unexpected message",
  kind: `more than ${Count.format(limit)} replies came before their steps`,
  detail: `more than ${Count.format(limit)} replies came before the steps that wait for them by \`answers\``
})

export const tooManyEarly: Failure = {
  cause: "unexpected message",
  kind: "more messages came than a client keeps while no step takes them",
  detail:
    "more messages came than a client keeps while no step takes them (4 MiB a client, 256 MiB a process): with unmatched: ignore the oldest are dropped"
}

export const unexpected = (message: Message): Failure => ({
  cause: "unexpected message",
  kind: "after the last step",
  detail: `expected the end, got ${show(message)}`
})

const expecting = (op: Op | undefined, variables: Variables): string => {
  if (op?.expects !== undefined) return `, expected ${expected(op.expects, variables)}`
  return op?.closedWith === undefined ? "" : `, expected it to close with ${op.closedWith}`
}

export const earlyClose = (op: Op | undefined, close: Close, variables: Variables): Failure => {
  const kind =
    close.code === CloseCode.Abnormal
      ? "the connection was lost, without a close frame (1006)"
      : `the server closed with ${close.code}`
  const reason = close.reason === "" ? "" : `, ${show(close.reason)}`
  return { cause: "early close", kind, detail: `${kind}${reason}${expecting(op, variables)}` }
}

/** A template of this step can't use a value. */
export const notRendered = (op: Op | undefined, { message }: RenderError): Failure => ({
  cause: "scenario",
  kind: op?.step === undefined ? "while connecting" : `at step ${op.step}`,
  detail: message
})

/** The line of a stack that is in the script. What the script called, such as `JSON.parse`, comes before it. */
const placeIn = (script: string, stack: ReadonlyArray<string>): string => {
  const places = stack.filter((line) => /^ +at .*:\d+:\d+\)?$/.test(line))
  return (places.find((line) => line.includes(`/${script.replace(/^.*\//, "")}:`)) ?? places[0] ?? "").trim()
}

export const thrown = (step: string, error: unknown, script: string): Failure => {
  const [first = "", ...stack] = error instanceof Error ? (error.stack ?? error.message).split("\n") : [String(error)]
  return { cause: "script", kind: `at step ${step}`, detail: `${first} ${placeIn(script, stack)}`.trim() }
}
