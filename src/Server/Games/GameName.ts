/**
 * Names of games. They are parts of paths, pages, NATS subjects and file names, so they have only characters that are
 * harmless in all of these.
 */

/** Whether a text can be the name of a game: 1 to 24 letters, digits, `-` and `_`. */
export const isGameName = (text: string): boolean => /^[A-Za-z0-9_-]{1,24}$/.test(text)

/** The name of a game's log. A game that is created again with the same name has another log. */
export const logOf = (name: string, made: number): string => `g-${name}-${made}`
