/**
 * Game events as bytes: one byte for the kind, then JSON. Nearly all events are states, which are 8 bytes of epoch and
 * then 8 bytes for each state: its topic, and `step * 2 + state`. If some state is above 1, each state takes 9 bytes:
 * topic, step, and one byte of state. Numbers are big-endian.
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

/** Entries without dying cells keep the older, shorter format. */
const isWide = (states: ReadonlyArray<CellState>): boolean => states.some(({ state }) => state > 1)

const encodeStates = ({ epoch, states }: StatesEvent): Uint8Array => {
  const wide = isWide(states)
  const size = wide ? WIDE_STATE : STATE
  const bytes = new Uint8Array(HEADER + states.length * size)
  const view = new DataView(bytes.buffer)
  bytes[0] = wide ? WIDE_STATES_KIND : STATES_KIND
  view.setFloat64(1, epoch)
  let at = HEADER
  for (const { state, step, topic } of states) {
    view.setUint32(at, topic)
    view.setUint32(at + 4, wide ? step : step * 2 + state)
    if (wide) view.setUint8(at + 8, state)
    at += size
  }
  return bytes
}

const decodeStates = (bytes: Uint8Array): StatesEvent | undefined => {
  const wide = bytes[0] === WIDE_STATES_KIND
  const size = wide ? WIDE_STATE : STATE
  if (bytes.length < HEADER || (bytes.length - HEADER) % size !== 0) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const states: Array<CellState> = []
  for (let at = HEADER; at < bytes.length; at += size) {
    const packed = view.getUint32(at + 4)
    const state = wide ? view.getUint8(at + 8) : packed & 1
    states.push({ topic: view.getUint32(at), step: wide ? packed : packed >>> 1, state, text: undefined })
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
  decode: (bytes) => {
    switch (bytes[0]) {
      case STATES_KIND:
      case WIDE_STATES_KIND:
        return decodeStates(bytes)
      case JSON_KIND:
        return decodeJson(bytes)
      default:
        return undefined
    }
  }
}
