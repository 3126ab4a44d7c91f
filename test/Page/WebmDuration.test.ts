import { assert, describe, it } from "@effect/vitest"
import { withDuration } from "../../static/watch/Model/WebmDuration.ts"

/** The beginning of a file as Chromium's recorder writes it: a segment of unknown size, and in it what is known of the video. */
const head = [0x1a, 0x45, 0xdf, 0xa3, 0x81, 0x00]
const open = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
/** The unit of times is a millisecond. */
const unit = [0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40]
const tracks = [0x16, 0x54, 0xae, 0x6b, 0x81, 0x00]
const infoOf = (fields: ReadonlyArray<number>) => [0x15, 0x49, 0xa9, 0x66, 0x80 | fields.length, ...fields]

describe("A recorded video", () => {
  it("A recorded video gets its duration, and nothing else of it changes", () => {
    const made = withDuration(Uint8Array.from([...head, ...open, ...infoOf(unit), ...tracks]), 2500)
    const duration = new Uint8Array(8)
    new DataView(duration.buffer).setFloat64(0, 2500)
    assert.deepStrictEqual(
      [...made],
      [
        ...[...head, ...open, 0x15, 0x49, 0xa9, 0x66, 0x01, 0, 0, 0, 0, 0, 0, 18],
        ...[...unit, 0x44, 0x89, 0x88, ...duration, ...tracks]
      ]
    )
  })

  it("A recorded video stays as it is if it has a duration, if it is no WebM, and if it is cut off", () => {
    for (const bytes of [
      [...head, ...open, ...infoOf([...unit, 0x44, 0x89, 0x84, 0, 0, 0, 0]), ...tracks],
      [0x00, 0x00, 0x00, 0x18, 0x66, 0x74, 0x79, 0x70],
      [...head, ...open, 0x15, 0x49, 0xa9, 0x66, 0x90, ...unit],
      [...head, 0x18, 0x53, 0x80, 0x67, 0x90, ...infoOf(unit)]
    ]) {
      const file = Uint8Array.from(bytes)
      assert.strictEqual(withDuration(file, 1000), file)
    }
  })
})
