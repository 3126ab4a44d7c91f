/**
 * A file of its own because it has a state, which `Client` and its test share.
 *
 * Keys of opening handshakes (RFC 6455, section 4.1): 16 random bytes in base64. The bytes come from a pool, because a call of
 * the random generator for each connection costs some microseconds.
 */
import { randomFillSync } from "node:crypto"

const SIZE = 16

const pool = Buffer.alloc(256 * SIZE)
let next = pool.length

/** Makes a key that was not used before. */
export const make = (): string => {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  const at = next
  next += SIZE
  return pool.toString("base64", at, next)
}
