/** Writes the messages of one connection as a scenario. Steps are only added, so the file is valid after each step. */
import { stringify } from "yaml"
import type { StepEncoded } from "../../../Echo/Scenario/Step.ts"
import { type Close, CloseCode } from "../../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../../WebSocket/Frames/Message.ts"

export type Side = "client" | "server"

/** Milliseconds. A shorter pause is not recorded. */
const LEAST_WAIT = 10
/** If the server was silent for longer than this many milliseconds, its next message gets a longer timeout than usual. */
const LONG_SILENCE = 15_000

/** Escapes braces, so that they are no placeholders. */
const literally = (text: string): string => text.replaceAll("{{", "{{'{{'}}")

export const escapeJson = (value: unknown): unknown => {
  if (typeof value === "string") return literally(value)
  if (Array.isArray(value)) return value.map(escapeJson)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [literally(key), escapeJson(entry)]))
}

/** The value of a text that is a JSON object or list in canonical form; `undefined` for other texts. */
const jsonOf = (text: string): { readonly json: unknown } | undefined => {
  if (!/^[[{]/.test(text)) return undefined
  try {
    const json: unknown = JSON.parse(text)
    return JSON.stringify(json) === text ? { json: escapeJson(json) } : undefined
  } catch {
    return undefined
  }
}

type Content = string | { readonly json: unknown } | { readonly binary: string }

const contentOf = (message: Message): Content =>
  typeof message === "string"
    ? (jsonOf(message) ?? literally(message))
    : { binary: Buffer.from(message).toString("base64") }

const expectOf = (content: Content, timeout: { readonly timeout: string } | undefined): StepEncoded => {
  if (timeout === undefined) return { expect: content }
  return { expect: { ...(typeof content === "string" ? { exact: content } : content), ...timeout } }
}

const isForClients = (code: number): boolean => code === CloseCode.Normal || (code >= 3000 && code <= 4999)

/** Indents the text of a step. Only `\n` is a line end of YAML here. */
const indent = (text: string): string => text.replaceAll(/[^\n]+/g, (line) => `  ${line}`)

const OPTIONS = { lineWidth: 0, blockQuote: false } as const

export interface RecordedHandshake {
  /** The URL of the recorded connection, without its query. */
  readonly from: string
  readonly name: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly subprotocols: ReadonlyArray<string>
}

/** The beginning of the file, up to its steps. */
export const head = ({ from, headers, name, subprotocols, url }: RecordedHandshake): string => {
  const connect = {
    url: literally(url),
    ...(Object.keys(headers).length === 0 ? {} : { headers: escapeJson(headers) }),
    ...(subprotocols.length === 0 ? {} : { subprotocols })
  }
  return [
    `# Recorded from ${from} by \`effect-c10k echo record\`. Run it with this file's name:`,
    "# effect-c10k echo --scenario FILE --clients 10",
    `${stringify({ name, connect }, OPTIONS)}steps:\n`
  ].join("\n")
}

/** The steps of one connection, in the order in which they passed. */
export class Recording {
  #last: number
  #steps = 0
  #isOver = false

  /** `now` is in milliseconds, of any monotonic clock. */
  constructor(now: number) {
    this.#last = now
  }

  get steps(): number {
    return this.#steps
  }

  message(by: Side, message: Message, now: number): string {
    const silence = this.#since(now)
    const content = contentOf(message)
    if (by === "client") return this.#add([...wait(silence), { send: content }])
    const timeout = silence < LONG_SILENCE ? undefined : { timeout: `${Math.ceil((2 * silence) / 1000)}s` }
    return this.#add([expectOf(content, timeout)])
  }

  /** The text to append for the end of the connection. `by` is the side that closed first. Called once. */
  end(by: Side, { code, reason }: Close, now: number): string {
    if (this.#isOver) return ""
    this.#isOver = true
    const silence = this.#since(now)
    if (code === CloseCode.Abnormal)
      return `  # here the ${by} lost the connection\n${this.#steps === 0 ? this.#add([{ close: 1000 }]) : ""}`
    if (by === "server") return this.#add([{ expect: { closed: code } }])
    const close = isForClients(code) ? code : CloseCode.Normal
    return this.#add([...wait(silence), { close: reason === "" || close !== code ? close : { code, reason } }])
  }

  /** Milliseconds since the previous message. */
  #since(now: number): number {
    const silence = Math.round(now - this.#last)
    this.#last = now
    return silence
  }

  #add(steps: ReadonlyArray<StepEncoded>): string {
    this.#steps += steps.length
    return indent(stringify(steps, OPTIONS))
  }
}

const wait = (silence: number): ReadonlyArray<StepEncoded> => (silence < LEAST_WAIT ? [] : [{ wait: `${silence}ms` }])
