/** When a process saves a snapshot, and when it leaves that to another one. */
import { assert, describe, it } from "@effect/vitest"
import { Snapshots } from "../../src/Log/Snapshots.ts"

const EVERY = 100
const LATE = 1000

/** Snapshots of an engine that answers when the test says. Times are in milliseconds from now. */
const snapshots = () => {
  const answers: Array<(error?: Error) => void> = []
  const trouble: Array<string> = []
  const said: Array<"saved" | "refused"> = []
  const start = performance.now()
  let through = 0
  const made = new Snapshots(
    {
      saveSnapshot: () =>
        new Promise((resolve, reject) => {
          answers.push((error) => (error === undefined ? resolve() : reject(error)))
        })
    },
    { every: EVERY, patience: LATE },
    {
      makesSnapshots: () => true,
      make: () => ({
        bytes: new Uint8Array(),
        through,
        saved: () => said.push("saved") > 0,
        refused: () => void said.push("refused")
      })
    },
    (what) => trouble.push(what)
  )
  return {
    made,
    trouble,
    said,
    read: (position: number, size: number, isOwn: boolean) => {
      through = position
      made.read(size)
      made.taken(isOwn)
    },
    tick: (at: number) => made.tick(start + at),
    /** How many were given to the engine. */
    given: () => answers.length,
    answer: async (error?: Error) => {
      answers.at(-1)?.(error)
      await Promise.resolve()
    }
  }
}

describe("snapshots", () => {
  it("snapshots are saved by the writer of the entry that crosses the mark, at once", () => {
    const { given, read } = snapshots()
    read(1, 99, true)
    assert.strictEqual(given(), 0)
    read(2, 1, true)
    assert.strictEqual(given(), 1)
  })

  it("snapshots that the engine refuses are tried again, and the reason is reported once", async () => {
    const { answer, given, read, said, tick, trouble } = snapshots()
    read(1, EVERY, true)
    const refusal = new Error("no room")
    await answer(refusal)
    tick(0)
    assert.strictEqual(given(), 1)
    tick(2 * LATE)
    assert.strictEqual(given(), 2)
    await answer(refusal)
    tick(3 * LATE)
    assert.strictEqual(given(), 3)
    await answer()
    assert.deepStrictEqual(said, ["refused", "refused", "saved"])
    assert.deepStrictEqual(trouble, ["a snapshot was not saved: Error: no room"])
    tick(100 * LATE)
    assert.strictEqual(given(), 3)
  })

  it("snapshots that the writer of the entry can't save are saved by others, a little later", async () => {
    const { answer, given, made, read, tick } = snapshots()
    read(1, EVERY, false)
    tick(100 * LATE)
    assert.strictEqual(given(), 0)
    read(2, EVERY / 4, false)
    tick(0)
    assert.strictEqual(given(), 0)
    tick(2 * LATE)
    assert.strictEqual(given(), 1)
    await answer()
    // Another process was faster than the next time.
    read(3, EVERY * 2, false)
    made.savedByOther(3)
    tick(100 * LATE)
    assert.strictEqual(given(), 1)
  })

  it("snapshots that the log leaves behind are saved again", async () => {
    const { answer, given, made, read, tick } = snapshots()
    made.begin(5)
    read(9, 1, false)
    // The entry after the snapshot is kept.
    made.keptFrom(6)
    tick(100 * LATE)
    assert.strictEqual(given(), 0)
    made.keptFrom(7)
    tick(2 * LATE)
    assert.strictEqual(given(), 1)
    await answer()
    made.keptFrom(10)
    tick(100 * LATE)
    assert.strictEqual(given(), 1)
    made.keptFrom(11)
    tick(200 * LATE)
    assert.strictEqual(given(), 2)
  })
})
