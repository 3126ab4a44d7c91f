/** Who waits until all of a log has been read, while the reader has to begin again. */
import { assert, describe, it } from "@effect/vitest"
import { LogEnd } from "../../src/Log/LogEnd.ts"

type Bounds = { readonly first: number; readonly last: number }

/** The end of a log whose engine answers when the test says. */
const logEnd = () => {
  const questions: Array<(bounds: Bounds) => void> = []
  const reader = { at: 0 }
  const end = new LogEnd(
    {
      bounds: () => new Promise((resolve) => questions.push(resolve))
    },
    1000,
    { position: () => reader.at, isReading: () => true, isContinuous: () => true, onFirst: () => {} }
  )
  return {
    end,
    asked: () => questions.length,
    answer: async (last: number) => {
      questions.at(-1)?.({ first: 1, last })
      await Promise.resolve()
    },
    beginAt: (position: number) => {
      reader.at = position
      end.restart()
    },
    read: (position: number) => {
      reader.at = position
      end.read(position)
    }
  }
}

describe("the end of a log", () => {
  it("the end of a log is asked for again for those who waited for it when the reader begins again", async () => {
    const { answer, asked, beginAt, end, read } = logEnd()
    let current = 0
    end.whenRead(() => current++)
    await answer(5)
    // The engine has lost the newest entries, so this position may never come.
    beginAt(1)
    end.ask()
    assert.strictEqual(asked(), 2)
    await answer(3)
    read(2)
    assert.strictEqual(current, 0)
    read(3)
    assert.strictEqual(current, 1)
    read(5)
    assert.strictEqual(current, 1)
  })

  it("the end of a log that was asked for before the reader began again does not count", async () => {
    const { answer, asked, beginAt, end, read } = logEnd()
    let current = 0
    read(5)
    end.whenRead(() => current++)
    beginAt(4)
    // The end of what was there before.
    await answer(4)
    assert.deepStrictEqual([current, asked()], [0, 2])
    await answer(6)
    assert.strictEqual(current, 0)
    read(6)
    assert.strictEqual(current, 1)
  })
})
