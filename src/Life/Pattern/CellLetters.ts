/**
 * The letters of cell states in run length encoded patterns: `.` is 0, and `A` to `X` are 1 to 24. A second letter in front of
 * these, the prefix, adds 24 for each step: Golly's `pA` is 25 and `qA` is 49.
 */

/** The number of states that one letter can express. */
const LETTERS = 24
const A = 65

/** The state of a letter from A to X and its prefix, if it has one. `first` is the prefix that adds 24: `p` in RLE, `a` in MCell. */
export const stateOf = (letter: string, prefix: string | undefined, first: string): number => {
  const tens = prefix === undefined ? 0 : prefix.charCodeAt(0) - first.charCodeAt(0) + 1
  return tens * LETTERS + letter.charCodeAt(0) - A + 1
}

/** A state as Golly writes it in a pattern of more than two states: `.`, `A`, `pA`. */
export const format = (state: number): string => {
  if (state === 0) return "."
  const tens = Math.floor((state - 1) / LETTERS)
  const letter = String.fromCharCode(A + ((state - 1) % LETTERS))
  return tens === 0 ? letter : String.fromCharCode("p".charCodeAt(0) + tens - 1) + letter
}
