/** Plays a sequence on a connection of its own, and compares what the server answers with what belongs to the sequence. */
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { stateLimit } from "../limits.ts"
import type { Expected, Sequence } from "./sequences.ts"

export interface Target {
  readonly port: number
  /** The certificate to trust, if the server speaks TLS. */
  readonly ca?: string | undefined
}

export const open = ({ ca, port }: Target): Socket =>
  ca === undefined
    ? connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    : connectTls({ port, host: "127.0.0.1", servername: "localhost", ca })

interface Read {
  readonly shown: string
  readonly length: number
  /** Whether the server answers nothing after this. */
  readonly isLast: boolean
  readonly fits: boolean
}

/** Reads what was expected from the beginning of `bytes`; `undefined` if it has not come whole. */
const read = (bytes: Buffer, expected: Expected): Read | undefined =>
  expected._tag === "Frame" ? readFrame(bytes, expected.text) : readAnswer(bytes, expected)

const readFrame = (bytes: Buffer, text: string): Read | undefined => {
  if (bytes.length < 2) return undefined
  const short = bytes[1]!
  const start = short < 126 ? 2 : 4
  if (bytes.length < start) return undefined
  const length = start + (short < 126 ? short : bytes.readUInt16BE(2))
  if (bytes.length < length) return undefined
  const found = bytes.toString("utf8", start, length)
  return { shown: `${bytes[0]! & 15} ${found.slice(0, 60)}`, length, isLast: bytes[0] === 0x88, fits: found === text }
}

const HEAD_END = "\r\n\r\n"

const readAnswer = (
  bytes: Buffer,
  { contains, isHead, status }: Extract<Expected, { _tag: "Answer" }>
): Read | undefined => {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  const head = bytes.toString("latin1", 0, end)
  const start = end + HEAD_END.length
  const found = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
  const isLast = /^connection: close/im.test(head)
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  const body = isHead || found < 200 ? start : bodyEnd(bytes, start, length, /^transfer-encoding: chunked/im.test(head))
  if (body === undefined || bytes.length < body) return undefined
  const fits = status.includes(found) && bytes.includes(contains, start)
  return { shown: bytes.toString("latin1", 0, Math.min(body, 300)), length: body, isLast, fits }
}

const bodyEnd = (bytes: Buffer, start: number, length: string | undefined, isChunked: boolean): number | undefined => {
  if (!isChunked) return start + Number(length ?? 0)
  const end = bytes.indexOf(`0${HEAD_END}`, start)
  return end < 0 ? undefined : end + 5
}

/** Plays the sequence. Returns what is wrong, or `undefined`. */
export const play = (target: Target, sequence: Sequence, random: () => number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { ending, expected, names, pieces } = sequence
    const socket = open(target)
    let received = Buffer.alloc(0)
    let next = 0
    let isLast = false
    let problem: string | undefined
    const describe = (what: string) => `${what}; sequence: ${names.join(", ")}; pieces: ${pieces.length}; ${ending}`
    // Only a server that has lost an answer takes as long.
    const timer = setTimeout(() => {
      problem ??= describe(
        `answer ${next} of ${expected.length} is missing after ${JSON.stringify(received.toString("latin1", 0, 200))}`
      )
      socket.destroy()
    }, stateLimit())

    const take = () => {
      while (next < expected.length && problem === undefined && !isLast) {
        const wanted = expected[next]!
        const found = read(received, wanted)
        if (found === undefined) return
        // The deadline of the handshake has come before this busy machine had sent the request.
        if (found.shown.startsWith("HTTP/1.1 408 ")) {
          isLast = true
          break
        }
        next++
        if (!found.fits && wanted._tag === "Answer" && wanted.isOptional) continue
        isLast = found.isLast
        received = received.subarray(found.length)
        if (!found.fits)
          problem = describe(
            `answer ${next} should be ${JSON.stringify(wanted)}, but is ${JSON.stringify(found.shown)}`
          )
      }
      if (ending === "reads" || problem !== undefined) socket.end()
    }
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk])
      take()
    })
    socket.on("error", () => {})
    socket.on("end", () => socket.end())
    socket.on("close", () => {
      clearTimeout(timer)
      // Whoever closes with unread bytes of the other side resets the connection, and answers can be lost: then only
      // their order counts.
      const isMissing = ending === "reads" && !isLast && next < expected.length && !wasReset
      resolve(
        problem ?? (isMissing ? describe(`the server closed after ${next} of ${expected.length} answers`) : undefined)
      )
    })
    let wasReset = false
    socket.on("error", () => {
      wasReset = true
    })

    const write = (at: number) => {
      if (socket.destroyed || !socket.writable) return
      socket.write(pieces[at]!)
      if (at + 1 < pieces.length)
        return void (random() < 0.5 ? setImmediate(write, at + 1) : setTimeout(write, 5, at + 1))
      if (ending === "ends") return void socket.end()
      if (ending === "resets") return void setImmediate(() => socket.destroy())
      if (ending === "leaves") return void setTimeout(() => socket.destroy(), 30)
    }
    socket.once("ready", () => write(0))
  })
