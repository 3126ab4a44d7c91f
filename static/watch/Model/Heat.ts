/** The heat of a cell: how often it changed recently, from 0 (settled) to 255 (changes at every step). Pure. */

/** Each step reduces a cell's heat by this part. A change in the step adds this part of what is missing to 255. */
const SHARE = 1 / 8

/** The heat after a number of steps. `hasChanged` says whether the cell changed in the last one. */
export const heatAfter = (heat: number, steps: number, hasChanged: boolean): number => {
  const kept = heat * (1 - SHARE) ** steps
  return hasChanged ? kept + (255 - kept) * SHARE : kept
}

/** The heat after one step, for each heat before: of a cell that stayed, and of one that changed. */
const next = (hasChanged: boolean) => Uint8Array.from({ length: 256 }, (_, heat) => heatAfter(heat, 1, hasChanged))
export const cooler = next(false)
export const warmer = next(true)

const tables: Array<Uint8Array | undefined> = []

/**
 * The heat after this number of steps, at most 8, at the place `changes << 8 | heat`. Bit k of `changes` says whether the cell changed in
 * step k; `heat` is that before.
 */
export const heatsAfterChanges = (steps: number): Uint8Array => {
  const known = tables[steps]
  if (known !== undefined) return known
  const table = Uint8Array.from({ length: 256 << steps }, (_, place) => {
    let heat = place & 255
    for (let step = 0; step < steps; step++) heat = ((place >> (8 + step)) & 1 ? warmer : cooler)[heat]!
    return heat
  })
  tables[steps] = table
  return table
}
