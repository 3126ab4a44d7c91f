/** Numbers as big-endian bytes, on any machine. */

export const bytes = (numbers: Float64Array): Uint8Array => {
  const bytes = new Uint8Array(numbers.length * 8)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < numbers.length; i++) view.setFloat64(i * 8, numbers[i]!)
  return bytes
}

export const ofBytes = (bytes: Uint8Array): Float64Array<ArrayBuffer> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Float64Array.from({ length: bytes.length >> 3 }, (_, i) => view.getFloat64(i * 8))
}
