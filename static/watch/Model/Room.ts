/** The grid that a pattern of the library needs. Pure. */
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import type { Size } from "./Viewport.ts"

export interface Room extends Size {
  /** `plane` for guns, because on a torus their gliders would come back and destroy them; `undefined` if the edges do not matter. */
  readonly edges: "plane" | undefined
}

/** Empty cells around a pattern, so that spaceships and oscillators have room. */
const MARGIN = 8

export const extentOf = ({ rows }: PatternEntry): Size => ({
  width: Math.max(1, ...rows.map((row) => row.length)),
  height: Math.max(1, rows.length)
})

/** The smallest side of the grid for a pattern that grows. Larger patterns get several times their size. */
export const ROOM_TO_GROW = 64

export const roomFor = (pattern: PatternEntry): Room => {
  const { height, width } = extentOf(pattern)
  const isGun = /\bgun\b/i.test(pattern.about)
  const grows = isGun || /methuselah|growth|rake|breeder|replicator/i.test(pattern.about)
  const side = (extent: number) => Math.max(extent + 2 * MARGIN, grows ? Math.max(ROOM_TO_GROW, 2 * extent) : 0)
  return { width: side(width), height: side(height), edges: isGun ? "plane" : undefined }
}
