import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type Appointment, DeadlineHeap } from "../../../src/Echo/Load/Timers.ts"

const entry = (): Appointment => ({ deadline: 0, heapIndex: -1, onDeadline: () => {} })

const action = FastCheck.oneof(
  FastCheck.record({ act: FastCheck.constant("set" as const), id: FastCheck.nat(15), time: FastCheck.nat(40) }),
  FastCheck.record({ act: FastCheck.constant("clear" as const), id: FastCheck.nat(15), time: FastCheck.constant(0) }),
  FastCheck.record({ act: FastCheck.constant("take" as const), id: FastCheck.constant(0), time: FastCheck.nat(40) })
)

describe("DeadlineHeap", () => {
  it.prop(
    "DeadlineHeap behaves like a map from which the earliest due entry is taken",
    [FastCheck.array(action, { maxLength: 200 })],
    ([actions]) => {
      const heap = new DeadlineHeap(() => {})
      const entries = Array.from({ length: 16 }, entry)
      const model = new Map<number, number>()
      for (const { act, id, time } of actions) {
        if (act === "set") {
          heap.set(entries[id]!, time)
          model.set(id, time)
        } else if (act === "clear") {
          heap.clear(entries[id]!)
          model.delete(id)
        } else {
          const first = Math.min(Infinity, ...model.values())
          const taken = heap.take(time)
          assert.strictEqual(taken?.deadline, first <= time ? first : undefined)
          if (taken !== undefined) assert.isTrue(model.delete(entries.indexOf(taken)))
        }
        assert.strictEqual(heap.next, Math.min(Infinity, ...model.values()))
      }
    }
  )

  it("DeadlineHeap reports each deadline that is earlier than all others", () => {
    const heard: Array<number> = []
    const heap = new DeadlineHeap((deadline) => heard.push(deadline))
    const [a, b] = [entry(), entry()]
    heap.set(a, 10)
    heap.set(b, 20)
    heap.set(b, 5)
    assert.deepStrictEqual(heard, [10, 5])
  })
})
