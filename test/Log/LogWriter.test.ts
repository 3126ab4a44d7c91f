/** Which entries a process sends again, and when. */
import { assert, describe, it } from "@effect/vitest"
import { unframe } from "../../src/Log/LogFrame.ts"
import { LogWriter } from "../../src/Log/LogWriter.ts"

const LATE = 1000

/** Entries with the numbers 0, 1 and so on, of so many bytes. Times are in milliseconds from now. */
const pending = (count: number, bytes = 1) => {
  const sent: Array<number> = []
  const writer = new LogWriter({ publish: (entry) => sent.push(unframe(entry)!.number) }, LATE)
  for (let n = 0; n < count; n++) writer.append(new Uint8Array(bytes))
  const start = performance.now()
  return {
    writer,
    /** What was sent since the last call. */
    sent: () => sent.splice(0),
    lost: (at: number) => writer.resendLost(start + at, Number.POSITIVE_INFINITY),
    gap: (number: number, at: number) => writer.resendGap(number, start + at)
  }
}

describe("pending entries", () => {
  it("pending entries are sent once for a gap, until the copies are read, and again if an earlier copy is lost", () => {
    const { writer, gap, sent } = pending(5)
    assert.deepStrictEqual(sent(), [0, 1, 2, 3, 4])
    gap(1, 100)
    assert.deepStrictEqual(sent(), [0, 1, 2, 3, 4])
    // They were in the log before the copies, and the reader is slow.
    gap(2, 200)
    gap(3, 300)
    gap(3, 400)
    gap(4, 500)
    assert.deepStrictEqual(sent(), [])
    // The copy of the first one is lost too.
    gap(1, 600)
    assert.deepStrictEqual(sent(), [0, 1, 2, 3, 4])
    // Too early for a burst, so the next one asks for it.
    gap(0, 610)
    assert.deepStrictEqual(sent(), [])
    gap(0, 700)
    assert.deepStrictEqual(sent(), [0, 1, 2, 3, 4])
    writer.cameBack()
    writer.cameBack()
    // Another gap.
    gap(3, 800)
    assert.deepStrictEqual(sent(), [2, 3, 4])
  })

  it("pending entries that are not sent again yet do not make the time until the next attempt longer", () => {
    // A burst has one of them.
    const { writer, lost, sent } = pending(3, 256 * 1024)
    sent()
    lost(2000)
    assert.deepStrictEqual(sent(), [0])
    writer.cameBack()
    for (const at of [2200, 2400, 2600, 2800]) lost(at)
    assert.deepStrictEqual(sent(), [])
    lost(3001)
    assert.deepStrictEqual(sent(), [1])
    // After twice the patience, and not after eight times as long.
    lost(5003)
    assert.deepStrictEqual(sent(), [1])
  })
})
