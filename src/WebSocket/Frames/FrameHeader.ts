/** The header of a frame (RFC 6455, section 5.2): its length, where its payload begins, whether it is allowed. */
import { constants } from "node:buffer"
import { type Close, CloseCode } from "./CloseCode.ts"
import { COMPRESSED, Opcode, SHORT } from "./Frame.ts"
import type { PartialMessage } from "./Reassembly.ts"

export const FIN = 0x80
const RESERVED = 0x70
const MASKED = 0x80

/** The rules for received frames. */
export interface FrameRules {
  /** Whether frames must be masked, as a client's, or must not be, as a server's. */
  readonly masked: boolean
  /** The most bytes that a message may have. */
  readonly maxPayload: number
  /** The most frames of a message. More are a violation with code 1008. */
  readonly maxFragments: number
  /** If given, messages may be compressed. */
  readonly compression?: unknown
}

/** A message that has begun and is not finished. */
type Begun = Pick<PartialMessage, "kind" | "length" | "fragments">

const wrong = (reason: string): Close => ({ code: CloseCode.ProtocolError, reason })

const reserved = wrong("reserved bits must be 0")
const unmasked = wrong("frames must be masked")
const masked = wrong("frames must not be masked")
const control = wrong("a control frame must be one frame of at most 125 bytes")
const unbegun = wrong("a continuation frame must follow an unfinished message")
const unfinished = wrong("a message must be finished before the next one begins")

/**
 * The length in bytes of the frame that begins at `at`, with its header; 0 while the header is incomplete. `begun` is
 * the message that is not finished, if any. If the peer broke the protocol: how to close.
 */
export const lengthOf = (
  bytes: Buffer,
  at: number,
  end: number,
  rules: FrameRules,
  begun: Begun | undefined
): number | Close => {
  if (end - at < 2) return 0
  const first = bytes[at]!
  const second = bytes[at + 1]!
  if ((first & RESERVED) !== 0 && !mayBeCompressed(first, rules)) return reserved
  if (((second & MASKED) !== 0) !== rules.masked) return rules.masked ? unmasked : masked
  const short = second & 0x7f
  const key = rules.masked ? 4 : 0
  const opcode = first & 0x0f
  if (opcode >= Opcode.Close) {
    if (opcode > Opcode.Pong) return wrong(`unknown opcode ${opcode}`)
    return (first & FIN) === 0 || short > SHORT ? control : 2 + key + short
  }
  if (opcode > Opcode.Binary) return wrong(`unknown opcode ${opcode}`)
  if ((opcode === Opcode.Continuation) !== (begun !== undefined))
    return opcode === Opcode.Continuation ? unbegun : unfinished
  if (begun !== undefined && begun.fragments >= rules.maxFragments)
    return { code: CloseCode.PolicyViolation, reason: `a message may have at most ${rules.maxFragments} fragments` }
  let length = short
  let header = 2 + key
  if (short === 126) {
    if (end - at < 4) return 0
    length = bytes.readUInt16BE(at + 2)
    header += 2
  } else if (short === 127) {
    if (end - at < 10) return 0
    length = bytes.readUInt32BE(at + 2) * 0x100000000 + bytes.readUInt32BE(at + 6)
    header += 8
  }
  const most = mostOf(begun === undefined ? opcode : begun.kind, rules)
  if (length + (begun === undefined ? 0 : begun.length) > most)
    return { code: CloseCode.TooBig, reason: `a message may have at most ${most} bytes` }
  return header + length
}

/** The longest string of JavaScript limits text. A text has at most as many characters as bytes. */
const MAX_TEXT = constants.MAX_STRING_LENGTH

/** The most bytes that a message of this kind may have. */
export const mostOf = (kind: number, { maxPayload }: FrameRules): number =>
  isText(kind) ? Math.min(maxPayload, MAX_TEXT) : maxPayload

export const isText = (kind: number): boolean => (kind & 0x0f) === Opcode.Text

/** Whether the reserved bits mean compression, which only a first frame may have (RFC 7692, section 6). */
const mayBeCompressed = (first: number, rules: FrameRules): boolean => {
  const opcode = first & 0x0f
  const isFirst = opcode === Opcode.Text || opcode === Opcode.Binary
  return rules.compression !== undefined && isFirst && (first & RESERVED) === COMPRESSED
}

/** The index at which the payload of the frame at `at` begins. The masking key is before it. */
export const payloadAt = (bytes: Buffer, at: number, { masked }: FrameRules): number => {
  const short = bytes[at + 1]! & 0x7f
  return at + (short === 126 ? 4 : short === 127 ? 10 : 2) + (masked ? 4 : 0)
}
