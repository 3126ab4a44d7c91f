/** The codes with which the server closes what speaks protocol 0, from the range that RFC 6455 leaves to applications. */
export const CloseReason = {
  /** A reset started another game; workers of the one before are sent away. */
  NewGame: { code: 4000, reason: "a new game was started" },
  /** A message that is none of those that may come at this point. */
  Malformed: { code: 4001, reason: "malformed message" },
  /** A cell that the grid does not have. */
  OutOfGrid: { code: 4002, reason: "no such cell in the grid" },
  /** A message that the protocol allows, but not yet. */
  TooEarly: { code: 4003, reason: "not yet: wait for your turn" },
  /** A state for another cell than the one that the worker spoke for first. */
  OtherCell: { code: 4004, reason: "a worker speaks for one cell only" },
  /** A reset to a size that is not a positive number, or larger than the server allows. */
  BadSize: { code: 4005, reason: "the size must be a positive whole number" },
  /** Another worker spoke for this cell: the newer one has it. */
  Replaced: { code: 4006, reason: "another worker took over this cell" },
  /** More cells subscribed to than the server allows. */
  TooManySubscriptions: { code: 4007, reason: "too many subscriptions" },
  /** Nothing came when it was the client's turn. */
  TooLate: { code: 4008, reason: "no message in time" },
  /** A game that nobody used for long. */
  Ended: { code: 4009, reason: "the game has ended: nobody used it" },
  /** A game that nobody has made, or a name that no game can have. */
  NoSuchGame: { code: 4010, reason: "no such game: a reset makes it" },
  /** There may be no more games, or no more cells in all of them. */
  TooManyGames: { code: 4011, reason: "too many games" },
  /** The server can't go on with this game: its log says what this server can't take. 1011 is RFC 6455's "internal error". */
  Failed: { code: 1011, reason: "the game failed on this server" },
  /** The game was made that this client looked for. */
  Made: { code: 1012, reason: "the game has begun: come back" },
  /** The log of games is not reached, and many wait already. 1013 is IANA's "try again later". */
  Waiting: { code: 1013, reason: "too many wait for a new game: come back" },
  /** This server lost sight of the game, or the game was lost: the client may come back at once. 1012 is RFC 6455's "service restart". */
  Moved: { code: 1012, reason: "this server lost sight of the game: come back" }
} as const

export interface CloseReason {
  readonly code: number
  readonly reason: string
}
