/** Why the server closes connections of protocol 0. RFC 6455 leaves codes from 4000 on to applications. */
export const CloseReason = {
  /** A reset started another game. The workers of the previous game are closed. */
  NewGame: { code: 4000, reason: "a new game was started" },
  /** A message that is not allowed at this point of the protocol. */
  Malformed: { code: 4001, reason: "malformed message" },
  OutOfGrid: { code: 4002, reason: "no such cell in the grid" },
  /** The protocol allows the message, but not yet. */
  TooEarly: { code: 4003, reason: "not yet: wait for your turn" },
  /** The state is not of the cell that the worker sent its first state for. */
  OtherCell: { code: 4004, reason: "a worker speaks for one cell only" },
  /** The size of a reset is not a positive whole number, or is larger than the server allows. */
  BadSize: { code: 4005, reason: "the size must be a positive whole number" },
  /** Another worker, which connected later, sent a state for this cell. */
  Replaced: { code: 4006, reason: "another worker took over this cell" },
  /** The worker subscribed to more cells than the server allows. */
  TooManySubscriptions: { code: 4007, reason: "too many subscriptions" },
  /** The client sent nothing in time when it was its turn. */
  TooLate: { code: 4008, reason: "no message in time" },
  /** The game has ended, because nobody used it for a long time. */
  Ended: { code: 4009, reason: "the game has ended: nobody used it" },
  NoSuchGame: { code: 4010, reason: "no such game: a reset makes it" },
  /** A game can't have this name. */
  BadName: { code: 4010, reason: "no such game: a name has 1 to 24 of A-Z, a-z, 0-9, - and _" },
  TooManyGames: { code: 4011, reason: "too many games" },
  /** The server has no memory for a game of this size. */
  NoRoom: { code: 4011, reason: "no memory for so many cells" },
  /** The server can't continue this game, because it can't read the game's log. 1011 is RFC 6455's "internal error". */
  Failed: { code: 1011, reason: "the game failed on this server" },
  /** The game of a waiting watcher was made: it should connect again. 1012 is IANA's "service restart". */
  Made: { code: 1012, reason: "the game has begun: connect again" },
  /** The log of games can't be reached, and many resets wait for it already. 1013 is IANA's "try again later". */
  Waiting: { code: 1013, reason: "too many wait for a new game: connect again later" },
  /** The log of this game can't be opened now. 1013 is IANA's "try again later". */
  Unavailable: { code: 1013, reason: "the game can't be read now: connect again later" },
  /** This server or its log lost the game. The client may connect again at once. 1012 is IANA's "service restart". */
  Moved: { code: 1012, reason: "this server lost the game: connect again" }
} as const

export interface CloseReason {
  readonly code: number
  readonly reason: string
}
