/** Names of games: part of paths, pages, subjects and files, so only characters that are harmless in all of them. */

export const isGameName = (text: string): boolean => /^[A-Za-z0-9_-]{1,24}$/.test(text)

/** The name of a game's log. A game that is made again under the same name has another log. */
export const logOf = (name: string, made: number): string => `g-${name}-${made}`
