/** How busy a cell lately was, 0 (settled) to 255 (changes at every step). Pure. */

/** Each step takes this much of a cell's heat, and a change in it gives the same share of what is missing. */
const share = 1 / 8

/** The heat after so many steps, in the last of which the cell changed or not. */
export const heatAfter = (heat: number, steps: number, hasChanged: boolean): number => {
  const kept = heat * (1 - share) ** steps
  return hasChanged ? kept + (255 - kept) * share : kept
}
