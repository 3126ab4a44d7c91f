/**
 * Run length encoded patterns (RLE), written, in lines of at most 70 characters.
 */
import type { Grid } from "./Grid.ts"
import type { Pattern } from "./Pattern.ts"
import * as Rule from "./Rule.ts"
import * as RuleText from "./RuleText.ts"
import type { Topology } from "./Topology.ts"
import * as TopologyText from "./TopologyText.ts"

const lineLength = 70

export interface Options {
  /** The topology to name behind the rule. */
  readonly topology?: Topology
  /** The generation of these cells, for a frame of a running game. */
  readonly generation?: number
}

/** The text of an RLE file. */
export const write = (pattern: Pattern, { generation, topology }: Options = {}): string => {
  const { height, width } = pattern.grid
  // Golly puts the centre of a bounded grid at 0,0: so a whole frame lies where it was.
  const position = `Pos=${-Math.floor(width / 2)},${-Math.floor(height / 2)}`
  const rule = RuleText.format(pattern.rule ?? Rule.life)
  return [
    ...(pattern.name === undefined ? [] : [`#N ${pattern.name}`]),
    ...(pattern.author === undefined ? [] : [`#O ${pattern.author}`]),
    ...pattern.comments.map((comment) => `#C ${comment}`),
    ...(generation === undefined ? [] : [`#CXRLE ${position} Gen=${generation}`]),
    `x = ${width}, y = ${height}, rule = ${rule}${topology === undefined ? "" : `:${TopologyText.format(topology)}`}`,
    ...fold(runs(pattern.grid)),
    ""
  ].join("\n")
}

/**
 * The runs of a grid, without the dead cells at the ends of its rows. Readers take the extent from the cells, so when
 * no live cell reaches the last row or column a dead run does.
 */
const runs = ({ cells, height, width }: Grid): ReadonlyArray<string> => {
  const out: Array<string> = []
  const push = (count: number, tag: string) => out.push(count === 1 ? tag : `${count}${tag}`)
  let rowEnds = 0
  let widest = 0
  for (let row = 0; row < height; row++) {
    const states = cells.subarray(row * width, (row + 1) * width)
    const live = states.lastIndexOf(1) + 1
    widest = Math.max(widest, live)
    const last = row === height - 1
    const end = last && (widest < width || live === 0) ? width : live
    if (end > 0 && rowEnds > 0) {
      push(rowEnds, "$")
      rowEnds = 0
    }
    let start = 0
    for (let col = 1; col <= end; col++) {
      if (col < end && states[col] === states[start]) continue
      push(col - start, states[start] === 1 ? "o" : "b")
      start = col
    }
    rowEnds++
  }
  out.push("!")
  return out
}

const fold = (tokens: ReadonlyArray<string>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const token of tokens) {
    if (line.length + token.length > lineLength) {
      lines.push(line)
      line = ""
    }
    line += token
  }
  return [...lines, line]
}
