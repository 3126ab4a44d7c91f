/**
 * Reads Golly's macrocell files of two states. The file is a quadtree with one node per line, numbered from 1. A leaf is 8 x 8
 * cells (`.` dead, `*` alive, `$` end of row). A larger node of side 2^k is `k NW NE SW SE`: the numbers of its quarters, with
 * 0 for an empty one. The last node is the whole pattern. https://golly.sourceforge.io/Help/formats.html
 *
 * A few lines can describe more cells than any memory holds. So the extent is computed on the tree first.
 */
import * as Either from "effect/Either"
import * as Printable from "../Universe/Printable.ts"
import { CellRuns } from "./CellRuns.ts"
import * as Pattern from "./Pattern.ts"
import { fail, type PatternFormat, type Result, readRule, type Source, tooLarge } from "./PatternReader.ts"

/** The rows and columns of a node's live cells; the first and the last are included. */
interface Extent {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

interface Node {
  /** The node's side is 2^level. */
  readonly level: number
  /** `undefined`: all its cells are dead. */
  readonly extent: Extent | undefined
  /** The runs of live cells of a leaf. */
  readonly runs: ReadonlyArray<readonly [row: number, col: number, length: number]>
  /** The four quarters of a larger node. */
  readonly quarters: ReadonlyArray<Node>
}

/** With larger sides, the positions of cells could not be exact numbers. */
const MAX_LEVEL = 50

const LEAF_LEVEL = 3

const empty = (level: number): Node => ({ level, extent: undefined, runs: [], quarters: [] })

const join = (a: Extent | undefined, b: Extent | undefined): Extent | undefined =>
  a === undefined || b === undefined
    ? (a ?? b)
    : {
        top: Math.min(a.top, b.top),
        left: Math.min(a.left, b.left),
        bottom: Math.max(a.bottom, b.bottom),
        right: Math.max(a.right, b.right)
      }

const moved = (extent: Extent | undefined, rows: number, cols: number): Extent | undefined =>
  extent === undefined
    ? undefined
    : { top: extent.top + rows, left: extent.left + cols, bottom: extent.bottom + rows, right: extent.right + cols }

const leafOf = (line: string): Node | undefined => {
  const rows = line.replace(/\$$/, "").split("$")
  if (!/^[.*$]*$/.test(line) || rows.length > 8 || rows.some((row) => row.length > 8)) return undefined
  const runs = rows.flatMap((row, at) =>
    [...row.matchAll(/\*+/g)].map((run) => [at, run.index, run[0].length] as const)
  )
  const extent = runs.reduce<Extent | undefined>(
    (whole, [row, col, length]) => join(whole, { top: row, left: col, bottom: row, right: col + length - 1 }),
    undefined
  )
  return { level: LEAF_LEVEL, extent, runs, quarters: [] }
}

const nodeOf = (level: number, quarters: ReadonlyArray<Node>): Node => {
  const half = 2 ** (level - 1)
  const extent = quarters.reduce<Extent | undefined>(
    (whole, { extent }, at) => join(whole, moved(extent, at < 2 ? 0 : half, at % 2 === 0 ? 0 : half)),
    undefined
  )
  return { level, extent, runs: [], quarters }
}

const collect = ({ extent, level, quarters, runs }: Node, row: number, col: number, into: CellRuns): void => {
  if (extent === undefined) return
  for (const [down, right, length] of runs) into.add(row + down, col + right, length)
  const half = 2 ** (level - 1)
  for (const [at, quarter] of quarters.entries())
    collect(quarter, row + (at < 2 ? 0 : half), col + (at % 2 === 0 ? 0 : half), into)
}

const LINE_FORM = "a row of 8 x 8 cells in . * $, or LEVEL NW NE SW SE"

const read = (source: Source): Result => {
  const nodes: Array<Node> = []
  const comments: Array<string> = []
  let rules: Pick<Pattern.Pattern, "rule" | "topology"> = {}
  for (const [number, line] of source.lines.entries()) {
    const text = line.trim()
    if (text === "" || text.startsWith("[")) continue
    if (text.startsWith("#")) {
      const remark = text.slice(2).trim()
      if (text.startsWith("#R") && remark !== "") {
        const rule = readRule(source, number, line.indexOf(remark, 2), remark)
        if (Either.isLeft(rule)) return Either.left(rule.left)
        rules = rule.right
      } else if (/^#[CD]/.test(text) && remark !== "") comments.push(remark)
      continue
    }
    if (/^[.*$]/.test(text)) {
      const leaf = leafOf(text)
      if (leaf === undefined) return fail(source, number, 0, Printable.quote(text), LINE_FORM)
      nodes.push(leaf)
      continue
    }
    const parts = /^(\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(text)?.slice(1).map(Number)
    if (parts === undefined) return fail(source, number, 0, Printable.quote(text), LINE_FORM)
    const [level = 0, ...numbers] = parts
    if (level < LEAF_LEVEL + 1)
      return fail(source, number, 0, `a node of level ${level}`, "4 or more (only two-state patterns are known)")
    if (level > MAX_LEVEL) return tooLarge(source, number, 0)
    const quarters = numbers.map((at) => (at === 0 ? empty(level - 1) : nodes[at - 1]))
    const wrong = quarters.findIndex((quarter) => quarter?.level !== level - 1)
    if (wrong >= 0)
      return fail(source, number, 0, `quarter ${numbers[wrong]}`, `a node above this line of level ${level - 1}, or 0`)
    nodes.push(nodeOf(level, quarters as ReadonlyArray<Node>))
  }
  const whole = nodes.at(-1)
  const runs = new CellRuns()
  if (whole?.extent !== undefined) {
    const { bottom, left, right, top } = whole.extent
    const fits = runs.cover(top, left, right - left + 1) && runs.cover(bottom, left, 1)
    if (!fits) return tooLarge(source, source.lines.length - 1, 0)
    collect(whole, 0, 0, runs)
  }
  return Either.right(Pattern.make(runs.toGrid(), { comments, ...rules }))
}

export const macrocell: PatternFormat = {
  extensions: ["mc"],
  recognises: (first) => first.startsWith("[M2]"),
  read
}
