/**
 * Run length encoded patterns (RLE), written, in lines of at most 70 characters.
 */

import * as Rule from "../Universe/Rule.ts"
import * as RuleText from "../Universe/RuleText.ts"
import type { Topology } from "../Universe/Topology.ts"
import * as TopologyText from "../Universe/TopologyText.ts"
import type { Pattern } from "./Pattern.ts"
import * as RleRuns from "./RleRuns.ts"

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
    ...RleRuns.lines(pattern.grid),
    ""
  ].join("\n")
}
