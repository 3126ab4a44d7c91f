/** The grid that a pattern of the library wants. Pure. */
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import type { Size } from "./Viewport.ts"

export interface Room extends Size {
  /** `plane` for guns, whose gliders would come round and destroy them; undefined where any will do. */
  readonly edges: "plane" | undefined
}

/** Cells beside a pattern: a ship or an oscillator has room to move in them. */
const margin = 8

export const extentOf = ({ rows }: PatternEntry): Size => ({
  width: Math.max(1, ...rows.map((row) => row.length)),
  height: Math.max(1, rows.length)
})

/** Room for what grows: several times the pattern, and never less than this. */
const roomToGrow = 64

export const roomFor = (pattern: PatternEntry): Room => {
  const { height, width } = extentOf(pattern)
  const isGun = /\bgun\b/i.test(pattern.about)
  const grows = isGun || /methuselah|growth|rake|breeder|replicator/i.test(pattern.about)
  const side = (extent: number) => Math.max(extent + 2 * margin, grows ? Math.max(roomToGrow, 2 * extent) : 0)
  return { width: side(width), height: side(height), edges: isGun ? "plane" : undefined }
}
