/**
 * Random sequences on one connection: requests, handshakes, garbage, half-closes and resets, pipelined in any order and
 * split at any byte. Each sequence says which answers belong to it.
 */
import { frame, request } from "../Server/RawPeer.ts"

/** The answer to a request, or an echoed message. */
export type Expected =
  | {
      readonly _tag: "Answer"
      readonly status: ReadonlyArray<number>
      /** What the body has in it; unique to the request where the page shows what it was sent. */
      readonly contains: string
      /** Whether only the head comes. */
      readonly isHead: boolean
      /** Whether it may be left out: a server need not say 100 when it has the body. */
      readonly isOptional: boolean
    }
  | { readonly _tag: "Frame"; readonly text: string }

interface Part {
  readonly name: string
  readonly bytes: Buffer
  readonly expected: ReadonlyArray<Expected>
  /** Whether the server answers nothing that follows. */
  readonly isLast?: boolean
}

/** What the client does when all is written. */
type Ending = "reads" | "ends" | "resets" | "leaves"

export interface Sequence {
  readonly names: ReadonlyArray<string>
  /** What is written, with a turn of the event loop or more between two pieces. */
  readonly pieces: ReadonlyArray<Buffer>
  readonly expected: ReadonlyArray<Expected>
  readonly ending: Ending
}

const answer = (status: number | ReadonlyArray<number>, contains = "", isHead = false): Expected => ({
  _tag: "Answer",
  status: [status].flat(),
  contains,
  isHead,
  isOptional: status === 100
})

const HOST = "Host: localhost\r\n"
const H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
const FORM = "Content-Type: application/x-www-form-urlencoded\r\n"

const head = (line: string, headers: string): string => `${line} HTTP/1.1\r\n${headers}\r\n`

let count = 0

/** The next sequence of a generator of random numbers. */
export const sequenceOf = (random: () => number): Sequence => {
  const below = (n: number) => Math.floor(random() * n)
  const pick = <A>(values: ReadonlyArray<A>): A => values[below(values.length)]!
  const text = (length: number) => Array.from({ length }, () => "abcdefghij"[below(10)]).join("")
  const unique = () => `x${++count}${text(4)}`
  const part = (name: string, text: string, expected: Expected, isLast = false): Part => ({
    name,
    bytes: Buffer.from(text, "latin1"),
    expected: [expected],
    isLast
  })

  const healthy = () => part("healthz", head("GET /healthz", HOST), answer(200, "ok\n"))
  const metrics = () => part("metrics", head("GET /metrics", HOST), answer(200, "# HELP"))
  const page = () => part("page", head("GET /", HOST), answer(200, "<title>"))
  const missing = () => part("missing", head(`GET /${unique()}`, HOST), answer(404))
  const heads = () => part("head", head("HEAD /healthz", HOST), answer(200, "", true))
  const form = (more = "") => {
    const id = unique()
    return part("form", head(`GET /test/http/?id=${id}`, HOST + more), answer(200, id))
  }
  const posted = (more = "") => {
    const id = unique()
    const body = `id=${id}&more=${text(below(3000))}`
    return part(
      "post",
      head("POST /test/http/", `${HOST + FORM + more}Content-Length: ${body.length}\r\n`) + body,
      answer(200, id)
    )
  }
  const chunked = () => {
    const id = unique()
    const chunks = [`id=${id}`, `&more=${text(1 + below(300))}`].map((c) => `${c.length.toString(16)}\r\n${c}\r\n`)
    const start = head("POST /test/http/", `${HOST + FORM}Transfer-Encoding: chunked\r\n`)
    return part("chunked", `${start}${chunks.join("")}0\r\n\r\n`, answer(200, id))
  }
  const expecting = () => {
    const { bytes, expected } = posted("Expect: 100-continue\r\n")
    return { name: "expect continue", bytes, expected: [answer(100, "", true), ...expected] }
  }
  const unmet = () => part("expect x", head("GET /healthz", `${HOST}Expect: x\r\n`), answer(417))
  const hostless = () => part("no host", head("GET /healthz", ""), answer(400), true)
  const twoHosts = () => part("two hosts", head("GET /healthz", HOST + HOST), answer(400), true)
  const old = () => part("HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", answer(200, "ok\n"), true)
  const closing = () => part("close", head("GET /healthz", `${HOST}Connection: close\r\n`), answer(200, "ok\n"), true)
  const other = () => ({ ...form(H2C), name: "h2c" })
  const garbage = () =>
    part("garbage", `${pick(["\0\0", "GET", "\r\nx y z", "}{"])} \x01${text(30)}\r\n\r\n`, answer(400), true)
  const handshake = (path: string, headers = {}) => request(path, headers)
  const nowhere = () => part("handshake nowhere", handshake(`/${unique()}`), answer(404), true)
  const onPage = () => part("handshake on a page", handshake("/"), answer(404), true)
  const invalid = () =>
    part("bad handshake", handshake("/test/echo/", { "Sec-WebSocket-Version": "12" }), answer(400), true)
  const socket = (): Part => {
    const texts = Array.from({ length: below(4) }, () => unique() + text(below(300)))
    return {
      name: "WebSocket",
      bytes: Buffer.concat([Buffer.from(handshake("/test/echo/")), ...texts.map((each) => frame(1, each))]),
      expected: [answer(101, "", true), ...texts.map((each): Expected => ({ _tag: "Frame", text: each }))],
      isLast: true
    }
  }

  const inner = [healthy, metrics, page, missing, heads, form, posted, chunked, expecting, unmet, other, form, posted]
  const last = [socket, socket, socket, nowhere, onPage, invalid, garbage, hostless, twoHosts, old, closing]
  const parts: Array<Part> = Array.from({ length: below(5) }, () => pick([...inner, hostless])())
  parts.push(pick([...last, ...last, ...inner])())
  // What follows the connection's last answer must not be answered, and must not hurt.
  if (random() < 0.2) parts.push(pick([...inner, ...last])())

  const end = parts.findIndex(({ isLast = false }) => isLast)
  const answered = end < 0 ? parts : parts.slice(0, end + 1)
  const all = Buffer.concat(parts.map(({ bytes }) => bytes))
  const cuts = random() < 0.5 ? [] : Array.from({ length: 1 + below(4) }, () => below(all.length)).sort((a, b) => a - b)
  const pieces = [...cuts, all.length].map((to, i) => all.subarray(i === 0 ? 0 : cuts[i - 1], to))
  return {
    names: parts.map(({ name }) => name),
    pieces: pieces.filter(({ length }) => length > 0),
    expected: answered.flatMap(({ expected }) => expected),
    ending: pick(["reads", "reads", "reads", "ends", "resets", "leaves"])
  }
}
