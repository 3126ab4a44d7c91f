/**
 * Game events as bytes: a byte for the kind, then JSON, or for states, which are nearly all there is, 8 bytes of epoch and 8 for each
 * state: its topic, and `step * 2 + state`. Where some state is above 1 it is 9 bytes for each: topic, step, and a byte of state.
 * Numbers are big-endian.
 */
import type { Codec } from "../../Log/Log.ts"
import type { CellState, GameEvent } from "./GameEvent.ts"

const JSON_KIND = 1
const STATES_KIND = 2
const WIDE_STATES_KIND = 3
const HEADER = 9
const STATE = 8
const WIDE_STATE = 9

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
    states.push({ topic: view.getUint32(at), step: packed >>> 1, state: packed & 1, text: undefined })
  }
  return { type: "states", epoch: view.getFloat64(1), states }
}

const encodeWideStates = ({ epoch, states }: StatesEvent): Uint8Array => {
  const bytes = new Uint8Array(HEADER + states.length * WIDE_STATE)
  const view = new DataView(bytes.buffer)
  bytes[0] = WIDE_STATES_KIND
  view.setFloat64(1, epoch)
  let at = HEADER
  for (const { state, step, topic } of states) {
    view.setUint32(at, topic)
    view.setUint32(at + 4, step)
    view.setUint8(at + 8, state)
    at += WIDE_STATE
  }
  return bytes
}

const decodeWideStates = (bytes: Uint8Array): StatesEvent | undefined => {
  if (bytes.length < HEADER || (bytes.length - HEADER) % WIDE_STATE !== 0) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const states: Array<CellState> = []
  for (let at = HEADER; at < bytes.length; at += WIDE_STATE)
    states.push({
      topic: view.getUint32(at),
      step: view.getUint32(at + 4),
      state: view.getUint8(at + 8),
      text: undefined
    })
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

const isWide = ({ states }: StatesEvent): boolean => states.some(({ state }) => state > 1)

export const codec: Codec<GameEvent> = {
  encode: (event) =>
    event.type !== "states" ? encodeJson(event) : isWide(event) ? encodeWideStates(event) : encodeStates(event),
  decode: (bytes) => {
    switch (bytes[0]) {
      case STATES_KIND:
        return decodeStates(bytes)
      case WIDE_STATES_KIND:
        return decodeWideStates(bytes)
      case JSON_KIND:
        return decodeJson(bytes)
      default:
        return undefined
    }
  }
}
