import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Utf8Validator } from "../../../src/WebSocket/Frames/Utf8Validator.ts"
import { cut } from "./frames.ts"
import { chunkSizes } from "./messageArbitraries.ts"

/** Nearly text, so that errors are far inside it: characters of all lengths, and now and then a byte or two. */
const nearlyText = FastCheck.array(
  FastCheck.oneof(
    { weight: 8, arbitrary: FastCheck.string({ unit: "binary", maxLength: 8 }).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: FastCheck.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: FastCheck.tuple(
        FastCheck.constantFrom(0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf4, 0xf5),
        FastCheck.constantFrom(0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0),
        FastCheck.constantFrom(0x7f, 0x80, 0xbf, 0xc0)
      ).map((bytes) => Buffer.from(bytes))
    }
  ),
  { maxLength: 12 }
).map((parts) => Buffer.concat(parts))

/** The result for each part in turn, up to the first invalid one, and at the end. */
const reported = (parts: ReadonlyArray<Uint8Array>, take: (part: Uint8Array) => boolean, end: () => boolean) => {
  const reported: Array<boolean> = []
  for (const part of parts) {
    reported.push(take(part))
    if (!reported.at(-1)) return reported
  }
  return [...reported, end()]
}

const byValidator = (parts: ReadonlyArray<Uint8Array>) => {
  const validator = new Utf8Validator()
  return reported(
    parts,
    (part) => validator.push(part, 0, part.length),
    () => validator.isComplete
  )
}

const byTextDecoder = (parts: ReadonlyArray<Uint8Array>) => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const decodes = (part?: Uint8Array): boolean => {
    try {
      decoder.decode(part, { stream: part !== undefined })
      return true
    } catch {
      return false
    }
  }
  return reported(parts, decodes, () => decodes())
}

describe("Utf8Validator", () => {
  it.prop(
    "Utf8Validator finds what TextDecoder finds, with the same part of a text",
    [nearlyText, chunkSizes],
    ([bytes, sizes]) => {
      for (const parts of [cut(bytes, sizes), cut(bytes, [1]), cut(bytes, [3]), [bytes]])
        assert.deepStrictEqual(byValidator(parts), byTextDecoder(parts))
    },
    { fastCheck: { numRuns: 2000 } }
  )

  it("Utf8Validator accepts every code point, byte by byte and whole, and no surrogate", () => {
    const validator = new Utf8Validator()
    for (let code = 0; code <= 0x10ffff; code++) {
      const isSurrogate = code >= 0xd800 && code <= 0xdfff
      if (isSurrogate) {
        const bytes = Buffer.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
        assert.isFalse(new Utf8Validator().push(bytes, 0, 3))
        continue
      }
      const bytes = Buffer.from(String.fromCodePoint(code))
      for (let at = 0; at < bytes.length; at++)
        if (validator.isComplete !== (at === 0) || !validator.push(bytes, at, at + 1)) assert.fail(`U+${code}`)
      if (!validator.isComplete || !validator.push(bytes, 0, bytes.length)) assert.fail(`U+${code}`)
    }
  })

  it("Utf8Validator finds the invalid byte in every pair of bytes", () => {
    for (let first = 0; first < 256; first++)
      for (let second = 0; second < 256; second++) {
        const parts = [Buffer.of(first), Buffer.of(second)]
        assert.deepStrictEqual(byValidator(parts), byTextDecoder(parts))
      }
  })

  it("Utf8Validator looks only at the given range of bytes", () => {
    const bytes = Buffer.of(0xff, 0xe2, 0x82, 0xac, 0xff)
    const validator = new Utf8Validator()
    assert.isTrue(validator.push(bytes, 1, 3))
    assert.isFalse(validator.isComplete)
    assert.isTrue(validator.push(bytes, 3, 4))
    assert.isTrue(validator.isComplete)
    assert.isTrue(validator.push(bytes, 2, 2))
  })
})
