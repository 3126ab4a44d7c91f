/** JSON as bytes, alone or before other bytes, for entries and snapshots. */
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const encode = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value))

/** The value, which is not checked; `undefined` if the bytes are not JSON. */
export const decode = <A>(bytes: Uint8Array): A | undefined => {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

/** 4 bytes of the head's length, big-endian, the head as JSON, then the rest. */
export const withHead = (head: unknown, ...rest: ReadonlyArray<Uint8Array>): Uint8Array => {
  const json = encode(head)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([length, json, ...rest])
}

export const splitHead = <A>(bytes: Uint8Array): { readonly head: A; readonly rest: Uint8Array } | undefined => {
  if (bytes.length < 4) return undefined
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const head = decode<A>(bytes.subarray(4, 4 + length))
  return head === undefined ? undefined : { head, rest: bytes.subarray(4 + length) }
}
