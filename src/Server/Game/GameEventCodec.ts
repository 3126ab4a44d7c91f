/**
 * Game events as bytes: one byte for the kind, then JSON. Nearly all events are states, which are 8 bytes of epoch, 4
 * bytes of their number, and 8 bytes for each state: its topic, and `step * 2 + state`. If some state is above 1, each
 * state takes 9 bytes: topic, step, and one byte of state. Then come one byte for each state, the length of the text that
 * its worker sent (0 if there is none), and all texts. Numbers are big-endian.
 *
 * With the texts, no node has to format a state again, which would cost each node more than all the rest of reading it.
 */

import * as JsonBytes from "../../Log/JsonBytes.ts"
import type { Codec } from "../../Log/Log.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import type { CellState, GameEvent } from "./GameEvent.ts"

const JSON_KIND = 1
const STATES_KIND = 2
const WIDE_STATES_KIND = 3
const HEADER = 13
const STATE = 8
const WIDE_STATE = 9

const encodeStates = (epoch: number, states: ReadonlyArray<CellState>): Uint8Array => {
  // Entries without dying cells have a shorter format.
  const wide = states.some(({ state }) => state > 1)
  const size = wide ? WIDE_STATE : STATE
  let text = ""
  for (const state of states) text += state.text ?? ""
  const lengths = HEADER + states.length * size
  const texts = lengths + states.length
  const bytes = Buffer.allocUnsafe(texts + text.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  bytes[0] = wide ? WIDE_STATES_KIND : STATES_KIND
  view.setFloat64(1, epoch)
  view.setUint32(9, states.length)
  let at = HEADER
  let next = lengths
  for (const { state, step, text, topic } of states) {
    view.setUint32(at, topic)
    view.setUint32(at + 4, wide ? step : step * 2 + state)
    if (wide) view.setUint8(at + 8, state)
    at += size
    bytes[next++] = text?.length ?? 0
  }
  bytes.write(text, texts, "latin1")
  return bytes
}

const decodeStates = (bytes: Uint8Array): GameEvent | undefined => {
  if (bytes.length < HEADER) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const wide = bytes[0] === WIDE_STATES_KIND
  const size = wide ? WIDE_STATE : STATE
  const count = view.getUint32(9)
  const lengths = HEADER + count * size
  const texts = lengths + count
  if (bytes.length < texts) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + texts, bytes.length - texts).toString("latin1")
  const states: Array<CellState> = []
  let at = HEADER
  let from = 0
  for (let n = 0; n < count; n++, at += size) {
    const packed = view.getUint32(at + 4)
    const to = from + bytes[lengths + n]!
    states.push({
      topic: view.getUint32(at),
      step: wide ? packed : packed >>> 1,
      state: wide ? view.getUint8(at + 8) : packed & 1,
      text: to === from ? undefined : text.slice(from, to)
    })
    from = to
  }
  return from === text.length ? { type: "states", epoch: view.getFloat64(1), states } : undefined
}

/** The states of columns, one by one. */
export const statesOf = ({ cells, states, steps }: RecordedStates): ReadonlyArray<CellState> =>
  Array.from(cells, (topic, at) => ({ topic, step: steps[at]!, state: states[at]!, text: undefined }))

const types: ReadonlySet<unknown> = new Set<Exclude<GameEvent["type"], "states" | "columns">>([
  "hello",
  "bye",
  "reset",
  "census",
  "claims"
])

const encodeJson = (event: GameEvent): Uint8Array => Buffer.concat([Uint8Array.of(JSON_KIND), JsonBytes.encode(event)])

const decodeJson = (bytes: Uint8Array): GameEvent | undefined => {
  const event = JsonBytes.decode<GameEvent>(bytes.subarray(1))
  return types.has(event?.type) ? event : undefined
}

export const codec: Codec<GameEvent> = {
  encode: (event) => {
    if (event.type === "states") return encodeStates(event.epoch, event.states)
    return event.type === "columns" ? encodeStates(event.epoch, statesOf(event.columns)) : encodeJson(event)
  },
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
