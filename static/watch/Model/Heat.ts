/** The heat of a cell: how often it changed recently, from 0 (settled) to 255 (changes at every step). Pure. */

/** Each step reduces a cell's heat by this part. A change in the step adds this part of what is missing to 255. */
const share = 1 / 8

/** The heat after a number of steps. `hasChanged` says whether the cell changed in the last one. */
export const heatAfter = (heat: number, steps: number, hasChanged: boolean): number => {
  const kept = heat * (1 - share) ** steps
  return hasChanged ? kept + (255 - kept) * share : kept
}
