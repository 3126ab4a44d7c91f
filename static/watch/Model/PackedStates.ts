/** Packs the states of many cells: one bit per cell for two states, else two, four or eight bits. Pure. */

/** Bits per cell. A power of two, so that no cell lies across two bytes. */
export const bitsFor = (stateCount: number): number =>
  stateCount <= 2 ? 1 : stateCount <= 4 ? 2 : stateCount <= 16 ? 4 : 8

/** Makes room for `cells` cells, all in state 0. */
export const make = (cells: number, bits: number): Uint8Array => new Uint8Array(Math.ceil((cells * bits) / 8))

/** The state of cell `index`. Its bits begin at bit `index * bits`, the lowest first. */
export const stateAt = (packed: Uint8Array, bits: number, index: number): number => {
  const at = index * bits
  return (packed[at >> 3]! >> (at & 7)) & ((1 << bits) - 1)
}

/** Sets the state of a cell. The cell must be in state 0. */
export const put = (packed: Uint8Array, bits: number, index: number, state: number): void => {
  const at = index * bits
  packed[at >> 3]! |= state << (at & 7)
}

export const pack = (states: Uint8Array, bits: number): Uint8Array => {
  const packed = make(states.length, bits)
  for (let index = 0; index < states.length; index++) put(packed, bits, index, states[index]!)
  return packed
}
