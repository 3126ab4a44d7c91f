import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { addressesIn, blockOf, blocksOf, cellsOf, NodePlacement } from "../../../src/Life/Game/NodePlacement.ts"

const side = FastCheck.integer({ min: 1, max: 30 })

describe("the placement of cells", () => {
  it("the placement of cells divides a grid so that few neighbours are apart", () => {
    assert.deepStrictEqual(blocksOf(100, 100, 4), { down: 2, across: 2 })
    assert.deepStrictEqual(blocksOf(100, 10, 4), { down: 1, across: 4 })
    assert.deepStrictEqual(blocksOf(10, 100, 3), { down: 3, across: 1 })
    assert.deepStrictEqual(blocksOf(90, 60, 6), { down: 2, across: 3 })
    assert.deepStrictEqual(blocksOf(5, 5, 1), { down: 1, across: 1 })
  })

  it.prop(
    "the placement of cells gives each node about as many cells, in one rectangle each",
    [side, side, FastCheck.integer({ min: 1, max: 6 })],
    ([width, height, count]) => {
      const blocks = blocksOf(width, height, count)
      const cells = new Map<number, { readonly rows: Set<number>; readonly cols: Set<number>; count: number }>()
      for (let row = 0; row < height; row++)
        for (let col = 0; col < width; col++) {
          const block = blockOf(blocks, width, height, { row, col })
          assert.isTrue(block >= 0 && block < count)
          const known = cells.get(block) ?? { rows: new Set(), cols: new Set(), count: 0 }
          known.rows.add(row)
          known.cols.add(col)
          known.count++
          cells.set(block, known)
        }
      for (const [block, { cols, count, rows }] of cells) {
        assert.strictEqual(count, rows.size * cols.size)
        assert.deepStrictEqual(cellsOf(blocks, width, height, block), {
          row: Math.min(...rows),
          col: Math.min(...cols),
          height: rows.size,
          width: cols.size
        })
      }
      if (blocks.down <= height && blocks.across <= width) assert.strictEqual(cells.size, count)
    }
  )

  it("the placement of cells sends cells of a node that is away to any, for a second or until the server lists that node again", () => {
    const [a, b] = ["ws://a/", "ws://b/"]
    const placement = new NodePlacement(4, 1, [a, b])
    const nodes = (now = 0) => [0, 1, 2, 3].map((col) => placement.nodeOf({ row: 0, col }, now))
    assert.deepStrictEqual(nodes(), [a, a, b, b])
    placement.lost(b, 0)
    assert.deepStrictEqual(nodes(999), [a, a, undefined, undefined])
    assert.deepStrictEqual(nodes(1000), [a, a, b, b])
    placement.lost(b, 1000)
    assert.deepStrictEqual(nodes(1000), [a, a, undefined, undefined])
    placement.listed([a, b, "ws://new/"])
    assert.deepStrictEqual(nodes(), [a, a, b, b])
    placement.listed([b])
    placement.lost(a, 1000)
    assert.deepStrictEqual(nodes(9999), [undefined, undefined, b, b])
  })
})

describe("a list of nodes", () => {
  const url = new URL("ws://host/")
  const listed = (...urls: ReadonlyArray<unknown>) => JSON.stringify({ nodes: urls.map((url) => ({ url })) })

  it("a list of nodes has the addresses of WebSockets, each once", () => {
    assert.deepStrictEqual(addressesIn(listed("ws://a:1/games/x/", "ws://b", "ws://b/"), url), [
      "ws://a:1/games/x/",
      "ws://b/"
    ])
  })

  it("a list of nodes of which nothing can be used has none", () => {
    for (const text of ["", "no", "{}", '{"nodes":1}', listed(1), listed("http://a", "nonsense", "")])
      assert.deepStrictEqual(addressesIn(text, url), [])
  })

  it("a list of nodes does not lead from TLS to an address without, to which the client's secret would go", () => {
    assert.deepStrictEqual(addressesIn(listed("ws://a", "wss://b"), new URL("wss://host/")), ["wss://b/"])
  })
})
