/**
 * Game events as bytes: a byte for the kind, then JSON, or for states, which are nearly all there is, 8 bytes of epoch and 8 for each
 * state: its topic, and `step * 2 + state`. Numbers are big-endian.
 */
import type { Codec } from "../../Log/Log.ts"
import type { CellState, GameEvent } from "./GameEvent.ts"

const JSON_KIND = 1
const STATES_KIND = 2
const HEADER = 9
const STATE = 8

type StatesEvent = Extract<GameEvent, { readonly type: "states" }>

const encodeStates = ({ epoch, states }: StatesEvent): Uint8Array => {
  const bytes = new Uint8Array(HEADER + states.length * STATE)
  const view = new DataView(bytes.buffer)
  bytes[0] = STATES_KIND
  view.setFloat64(1, epoch)
  let at = HEADER
  for (const { state, step, topic } of states) {
    view.setUint32(at, topic)
    view.setUint32(at + 4, step * 2 + state)
    at += STATE
  }
  return bytes
}

const decodeStates = (bytes: Uint8Array): StatesEvent | undefined => {
  if (bytes.length < HEADER || (bytes.length - HEADER) % STATE !== 0) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const states: Array<CellState> = []
  for (let at = HEADER; at < bytes.length; at += STATE) {
    const packed = view.getUint32(at + 4)
    states.push({ topic: view.getUint32(at), step: packed >>> 1, state: packed % 2 === 1 ? 1 : 0, text: undefined })
  }
  return { type: "states", epoch: view.getFloat64(1), states }
}

const types: ReadonlySet<unknown> = new Set<Exclude<GameEvent["type"], "states">>([
  "hello",
  "bye",
  "reset",
  "census",
  "claims"
])

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const encodeJson = (event: GameEvent): Uint8Array => {
  const json = encoder.encode(JSON.stringify(event))
  const bytes = new Uint8Array(1 + json.length)
  bytes[0] = JSON_KIND
  bytes.set(json, 1)
  return bytes
}

const decodeJson = (bytes: Uint8Array): GameEvent | undefined => {
  try {
    const event: GameEvent = JSON.parse(decoder.decode(bytes.subarray(1)))
    return types.has(event.type) ? event : undefined
  } catch {
    return undefined
  }
}

export const codec: Codec<GameEvent> = {
  encode: (event) => (event.type === "states" ? encodeStates(event) : encodeJson(event)),
  decode: (bytes) =>
    bytes[0] === STATES_KIND ? decodeStates(bytes) : bytes[0] === JSON_KIND ? decodeJson(bytes) : undefined
}
