/** Names of games: part of paths, pages, subjects and files, so only characters that are harmless in all of them. */

export const isGameName = (text: string): boolean => /^[A-Za-z0-9_-]{1,24}$/.test(text)

/** What a game's log is called: a game that is made again under the same name has another one. */
export const logOf = (name: string, made: number): string => `g-${name}-${made}`
