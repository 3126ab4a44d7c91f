/** The mask of a client's payloads (RFC 6455, section 5.3): four bytes, repeated. */

/**
 * Removes the mask from `bytes[start, end)`, which follow `ahead` earlier bytes of the payload. The key is at index
 * `key`. Returns the bitwise or of the unmasked bytes, which tells whether they are ASCII.
 */
export const unmask = (bytes: Buffer, key: number, start: number, end: number, ahead: number): number => {
  const k0 = bytes[key + (ahead & 3)]!
  const k1 = bytes[key + ((ahead + 1) & 3)]!
  const k2 = bytes[key + ((ahead + 2) & 3)]!
  const k3 = bytes[key + ((ahead + 3) & 3)]!
  let bits = 0
  let at = start
  for (; at + 3 < end; at += 4) {
    bits |= bytes[at]! ^= k0
    bits |= bytes[at + 1]! ^= k1
    bits |= bytes[at + 2]! ^= k2
    bits |= bytes[at + 3]! ^= k3
  }
  if (at < end) bits |= bytes[at]! ^= k0
  if (at + 1 < end) bits |= bytes[at + 1]! ^= k1
  if (at + 2 < end) bits |= bytes[at + 2]! ^= k2
  return bits
}

/** The bitwise or of the bytes. For short payloads, where a loop is faster than the call that checks UTF-8. */
export const bitsOf = (bytes: Buffer, start: number, end: number): number => {
  let bits = 0
  for (let at = start; at < end; at++) bits |= bytes[at]!
  return bits
}
