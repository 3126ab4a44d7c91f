/** The rule and the topology of a game, as the server knows them: `B3/S23:T32,32`, `T32,32` or nothing. Pure. */
import * as Hexagons from "../../../src/Protocol/Hexagons.ts"

export interface Universe {
  /** The rule, as for `life --rule`; `undefined` if the server does not know it or it was too long for a reset. */
  readonly rule: string | undefined
  /** The topology in Golly's notation, such as `T32,32`; `undefined` if the server does not know it. */
  readonly edges: string | undefined
}

export const parseUniverse = (topology: string): Universe => {
  const colon = topology.indexOf(":")
  const rule = colon < 0 ? "" : topology.slice(0, colon)
  const edges = topology.slice(colon + 1)
  return { rule: rule === "" ? undefined : rule, edges: edges === "" ? undefined : edges }
}

const surfaces: Readonly<Record<string, string>> = {
  T: "torus",
  P: "plane",
  K: "Klein bottle",
  C: "cross-surface",
  S: "sphere"
}

const describeEdges = (edges: string): string => {
  const surface = surfaces[edges.charAt(0)] ?? edges
  const [shift] = /[+-]\d+/.exec(edges) ?? []
  return shift === undefined ? surface : `${surface} shifted by ${shift.replace("+", "")}`
}

/** Describes a universe: `B3/S23, torus`. */
export const describeUniverse = ({ edges, rule }: Universe): string =>
  [rule, edges === undefined ? undefined : describeEdges(edges)].filter((part) => part !== undefined).join(", ")

/** Whether the view may repeat the grid beyond its edges. Beyond twisted or shifted edges, a repeated grid would not fit. In protocol 0 the game is on a torus. */
export const isTorus = ({ edges }: Universe): boolean => edges === undefined || /^(torus|T\d+,\d+)$/.test(edges)

/** Whether the cells are hexagons. */
export const isHexagonal = ({ rule }: Pick<Universe, "rule">): boolean => rule !== undefined && Hexagons.isRule(rule)
