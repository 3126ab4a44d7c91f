/**
 * The letters of cell states in run length encoded patterns: `.` is 0, `A` to `X` are 1 to 24; in front of these a second letter,
 * the prefix, stands for 24 states each.
 */

/** States that one letter tells. */
const LETTERS = 24
const A = 65

/** The state of a letter from A to X, with the prefix in front of it if there is one: `first` is the prefix that stands for 24. */
export const stateOf = (letter: string, prefix: string | undefined, first: string): number => {
  const tens = prefix === undefined ? 0 : prefix.charCodeAt(0) - first.charCodeAt(0) + 1
  return tens * LETTERS + letter.charCodeAt(0) - A + 1
}

/** As Golly writes a state of a pattern that has more than two: `.`, `A`, `pA`. */
export const format = (state: number): string => {
  if (state === 0) return "."
  const tens = Math.floor((state - 1) / LETTERS)
  const letter = String.fromCharCode(A + ((state - 1) % LETTERS))
  return tens === 0 ? letter : String.fromCharCode("p".charCodeAt(0) + tens - 1) + letter
}
