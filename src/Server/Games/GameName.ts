/** Names of games, of characters that are harmless in paths, pages, NATS subjects and file names. */

/** Whether a text can be the name of a game: 1 to 24 letters, digits, `-` and `_`. */
export const isGameName = (text: string): boolean => /^[A-Za-z0-9_-]{1,24}$/.test(text)

/** The letters of a request that are part of a log's name. */
const REQUEST = 12

/**
 * The name of a game's log, from the request that made the game, which is unique. So a game that is created again with the
 * same name has another log, also if the list of games was lost and its positions begin again.
 */
export const logOf = (name: string, request: string): string =>
  `g-${name}-${request.replaceAll("-", "").slice(0, REQUEST)}`

/** The name of the game whose log has this name; `undefined` if it is not the log of a game. */
export const nameOfLog = (log: string): string | undefined => /^g-(.+)-[0-9a-z]+$/.exec(log)?.[1]
