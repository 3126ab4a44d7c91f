import { assert, describe, it } from "@effect/vitest"
import { MISSED, MOST_MISSED, NodePresence, REMEMBERED } from "../../../src/Server/Games/NodePresence.ts"

/** A node that judges others, of whose signs the test decides. A node that is silent is no longer known until it is heard again. */
const judge = (...others: ReadonlyArray<string>) => {
  const known = new Set(others)
  const removed: Array<string> = []
  const presence = new NodePresence({
    node: "own",
    sign: () => {},
    known: () => known,
    silent: (node) => {
      removed.push(node)
      known.delete(node)
    }
  })
  return {
    removed,
    /** Signs of this node, between which nothing of the others comes. */
    signs: (count: number) => {
      for (let n = 0; n < count; n++) presence.heard("own", true)
    },
    hears: (node: string) => {
      presence.heard(node, true)
      known.add(node)
    }
  }
}

describe("which nodes are alive", () => {
  it("a node is silent after five signs of another, if no node was silent for long", () => {
    const { hears, removed, signs } = judge("a", "b")
    for (let n = 0; n < 20; n++) {
      hears("a")
      hears("b")
      signs(1)
    }
    for (let n = 2; n < MISSED; n++) {
      hears("a")
      signs(1)
    }
    assert.deepStrictEqual(removed, [])
    hears("a")
    signs(1)
    assert.deepStrictEqual(removed, ["b"])
  })

  it("on a machine where nodes come back from long silences, a longer one is needed", () => {
    const { hears, removed, signs } = judge("a", "b")
    signs(4)
    hears("a")
    hears("b")
    for (let n = 1; n < 3 * 4; n++) {
      signs(1)
      hears("a")
    }
    assert.deepStrictEqual(removed, [])
    signs(1)
    assert.deepStrictEqual(removed, ["b"])
  })

  it("a node that was removed and comes back is not removed for a silence of this length again", () => {
    const { hears, removed, signs } = judge("a")
    signs(8)
    assert.deepStrictEqual(removed, ["a"])
    hears("a")
    signs(20)
    assert.deepStrictEqual(removed, ["a"])
    hears("a")
    signs(MOST_MISSED)
    assert.deepStrictEqual(removed, ["a", "a"])
  })

  it("a silence counts only for a while", () => {
    const { hears, removed, signs } = judge("a")
    signs(4)
    for (let n = 0; n < 2 * REMEMBERED; n++) {
      hears("a")
      signs(1)
    }
    hears("a")
    signs(MISSED)
    assert.deepStrictEqual(removed, ["a"])
  })

  it("however long silences were, a node that does not come back is silent at last", () => {
    const { hears, removed, signs } = judge("a")
    signs(MOST_MISSED - 1)
    hears("a")
    removed.length = 0
    signs(MOST_MISSED - 1)
    assert.deepStrictEqual(removed, [])
    signs(1)
    assert.deepStrictEqual(removed, ["a"])
  })
})
