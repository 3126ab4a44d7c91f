/** Writes run length encoded patterns (RLE). https://conwaylife.com/wiki/Run_Length_Encoded */

import * as Rule from "../Universe/Rule.ts"
import * as RuleText from "../Universe/RuleText.ts"
import type { Topology } from "../Universe/Topology.ts"
import * as TopologyText from "../Universe/TopologyText.ts"
import type { Pattern } from "./Pattern.ts"
import * as RleRuns from "./RleRuns.ts"

export interface Options {
  /** The topology to write after the rule. */
  readonly topology?: Topology
  /** The generation of these cells, if they are a frame of a running game. */
  readonly generation?: number
}

export const write = (pattern: Pattern, { generation, topology }: Options = {}): string => {
  const { height, width } = pattern.grid
  // Golly puts the centre of a bounded grid at 0,0. With this position a whole frame stays at its place.
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
