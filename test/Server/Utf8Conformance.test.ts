/**
 * Part 6 of the Autobahn test suite: valid and invalid UTF-8, after Markus Kuhn's stress test of decoders, in one frame
 * and in two, cut at each byte. Invalid text is refused with its first invalid byte, before the rest of its message or
 * its frame has come (6.4, in its strict form).
 */
import { describe } from "@effect/vitest"
import { bytes, type Case, last, next, Op, ping, start, suite, text } from "./autobahn.ts"

const utf8 = (text: string): Uint8Array => Buffer.from(text)
const hex = (...texts: ReadonlyArray<string>): ReadonlyArray<Uint8Array> =>
  texts.map((text) => Buffer.from(text.replaceAll(" ", ""), "hex"))
const range = (first: number, last: number): ReadonlyArray<number> =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)
const characters = (...codes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> =>
  codes.map((code) => utf8(String.fromCodePoint(code)))

/** Characters of two, three, two, two and two bytes. */
const kosme = utf8("κ\u1f79σμε")

const valid: Readonly<Record<string, ReadonlyArray<Uint8Array>>> = {
  "6.2 text in pieces": [utf8("Hello-µ@ßöäüàá-UTF-8!!")],
  "6.5 the Greek word kosme": [kosme],
  "6.7 first sequences of each length": hex("00", "c2 80", "e0 a0 80", "f0 90 80 80"),
  "6.9 last sequences of each length": hex("7f", "df bf", "ef bf bf", "f4 8f bf bf"),
  "6.11 other boundaries": hex("ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf"),
  "6.22 code points that are not characters": characters(
    ...range(0, 16).flatMap((plane) => [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff]),
    0xfdd0,
    0xfdef
  ),
  "6.23 specials": characters(...range(0xfff9, 0xffff))
}

const invalid: Readonly<Record<string, ReadonlyArray<Uint8Array>>> = {
  "6.3 a surrogate within text": hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64"),
  "6.4 a code point that is too large within text": hex("ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65 64 69 74"),
  "6.6 a word that ends within a character": range(1, kosme.length)
    .map((length) => kosme.subarray(0, length))
    .filter((word) => ![2, 5, 7, 9, 11].includes(word.length)),
  "6.8 first sequences of five and six bytes": hex("f8 88 80 80 80", "fc 84 80 80 80 80"),
  "6.10 last sequences of four to six bytes": hex("f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"),
  "6.11 past the last code point": hex("f4 90 80 80"),
  "6.12 continuation bytes alone": [
    ...range(1, 7).map((length) => bytes(...range(0x80, 0x7f + length))),
    bytes(0xbf),
    bytes(...range(0x80, 0xbf))
  ],
  "6.13 first bytes alone": [
    [0xc0, 0xdf],
    [0xe0, 0xef],
    [0xf0, 0xf7],
    [0xf8, 0xfb],
    [0xfc, 0xfd]
  ].map(([first, last]) => bytes(...range(first!, last!).flatMap((byte) => [byte, 0x20]))),
  "6.14 sequences without their last byte": hex(
    ...["c0", "e0 80", "f0 80 80", "f8 80 80 80", "fc 80 80 80 80"],
    ...["df", "ef bf", "f7 bf bf", "fb bf bf bf", "fd bf bf bf bf", "e2 82", "f0 9f 98"]
  ),
  "6.15 those after each other": hex(
    "c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf fd bf"
  ),
  "6.16 bytes that can't be in text": hex("fe", "ff", "fe fe ff ff"),
  "6.17 the slash in longer forms": hex("c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af"),
  "6.18 the largest of the longer forms": hex(
    "c1 bf",
    "e0 9f bf",
    "f0 8f bf bf",
    "f8 87 bf bf bf",
    "fc 83 bf bf bf bf"
  ),
  "6.19 NUL in longer forms": hex("c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80"),
  "6.20 single surrogates": hex("ed a0 80", "ed ad bf", "ed ae 80", "ed af bf", "ed b0 80", "ed be 80", "ed bf bf"),
  "6.21 pairs of surrogates": hex("ed a0 80 ed b0 80", "ed a0 80 ed bf bf", "ed ad bf ed b0 80", "ed af bf ed bf bf")
}

/** The two frames of a text that is cut at each of its bytes, also before the first and after the last. */
const halves = (text: Uint8Array): ReadonlyArray<readonly [Buffer, Buffer]> =>
  range(0, text.length).map((at) => [start(text.subarray(0, at)), last(text.subarray(at))])

/** The bytes up to the first invalid one, and including it. None if only the end is invalid. */
const upToWrong = (text: Uint8Array): number | undefined =>
  range(1, text.length).find((length) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(text.subarray(0, length), { stream: true })
      return false
    } catch {
      return true
    }
  })

const nameOf = (text: Uint8Array): string => Buffer.from(text).toString("hex")
const refused = ["close 1007"]

/** With further bytes in the same frame and in others, which are never sent. */
const refusedAtOnce = (wrong: Uint8Array): ReadonlyArray<Case> => {
  const length = upToWrong(wrong)
  if (length === undefined) return []
  const sent = wrong.subarray(0, length)
  const each = [...sent].map((byte) => next(bytes(byte)))
  const whole = Buffer.concat([wrong, utf8(" and so on")])
  const header = text(whole).length - whole.length
  return [
    [`${nameOf(wrong)}: one byte in each frame, no end`, [start(""), ...each], refused],
    [`${nameOf(wrong)}: an incomplete frame`, [text(whole).subarray(0, header + length)], refused],
    [`${nameOf(wrong)}: the same, in writes of a byte`, [text(whole).subarray(0, header + length)], refused, 1],
    [
      `${nameOf(wrong)}: an incomplete fragment`,
      [start("κ"), Buffer.from([Op.Continuation, ...text(whole).subarray(1, header + length)])],
      refused
    ]
  ]
}

describe("6 UTF-8", () => {
  for (const [name, texts] of Object.entries(valid))
    suite(
      name,
      texts.flatMap((valid): ReadonlyArray<Case> => {
        const said = `text ${Buffer.from(valid)}`
        const frames = halves(valid)
        const each = [...valid].flatMap((byte) => [next(bytes(byte)), ping()])
        return [
          [nameOf(valid), [text(valid)], [said]],
          [`${nameOf(valid)}, in writes of a byte`, [text(valid)], [said], 1],
          [`${nameOf(valid)}, cut at each byte`, frames.flat(), frames.map(() => said)],
          [
            `${nameOf(valid)}, one byte in each frame with pings between`,
            [start(""), ...each, last("")],
            [...Array.from(valid, () => "pong "), said]
          ]
        ]
      })
    )

  for (const [name, texts] of Object.entries(invalid))
    suite(
      name,
      texts.flatMap(
        (wrong): ReadonlyArray<Case> => [
          [nameOf(wrong), [text(wrong)], refused],
          ...halves(wrong).map((frames, at): Case => [`${nameOf(wrong)}, cut at ${at}`, frames, refused]),
          ...refusedAtOnce(wrong)
        ]
      )
    )

  suite("in binary is nobody's business", [["ff", [start("", Op.Binary), last(bytes(0xff))], ["binary \ufffd"]]])
})
