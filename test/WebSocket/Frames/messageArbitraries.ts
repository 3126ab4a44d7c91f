/**
 * Arbitrary messages and frames for property tests. Only property tests import this, because making `text` takes a
 * second of CPU, in which fast-check maps each character of Unicode.
 */
import * as FastCheck from "effect/FastCheck"

export const chunkSizes = FastCheck.array(
  FastCheck.oneof(FastCheck.constant(1), FastCheck.integer({ min: 1, max: 300 })),
  {
    minLength: 1,
    maxLength: 8
  }
)

export const text = FastCheck.string({ unit: "binary", maxLength: 200 })

export const bytes = FastCheck.oneof(
  { weight: 9, arbitrary: FastCheck.uint8Array({ maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: FastCheck.integer({ min: 65_530, max: 70_000 }).map((length) => new Uint8Array(length).fill(7))
  }
)

export const message: FastCheck.Arbitrary<string | Uint8Array> = FastCheck.oneof(text, bytes)

export const key = FastCheck.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes))
