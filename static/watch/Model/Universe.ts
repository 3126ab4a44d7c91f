/** The rule of a game and how its edges are joined, as the server was told: `B3/S23:T32,32`, `T32,32` or nothing. Pure. */

export interface Universe {
  /** As `life --rule` takes it; undefined when the server was not told, or it was too long to be told. */
  readonly rule: string | undefined
  /** In Golly's notation, `T32,32`; undefined when the server was not told. */
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

/** For people: `B3/S23, torus`. */
export const describeUniverse = ({ edges, rule }: Universe): string =>
  [rule, edges === undefined ? undefined : (surfaces[edges.charAt(0)] ?? edges)]
    .filter((part) => part !== undefined)
    .join(", ")

/** Beyond joined edges the grid comes again; beyond twisted or shifted ones it would not fit. Protocol 0 plays on a torus. */
export const isTorus = ({ edges }: Universe): boolean => edges === undefined || /^(torus|T\d+,\d+)$/.test(edges)
