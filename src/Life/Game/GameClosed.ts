import * as Schema from "effect/Schema"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import * as Count from "../../Text/Count.ts"

/** The server closed a connection of the game with a code after which a new connection does not help. `code` is the WebSocket close code. */
export class GameClosed extends Schema.TaggedError<GameClosed>()("GameClosed", {
  code: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `the server ended the game: ${this.reason === "" ? "no reason given" : this.reason} (code ${this.code})${this.remedy}`
  }

  /** What probably happened, as the end of the message. */
  get remedy(): string {
    switch (this.code) {
      case CloseReason.NewGame.code:
        return "; somebody started another game there. Several games play side by side under names: --url ws://HOST:PORT/games/NAME/"
      case CloseReason.Replaced.code:
        return "; another process resumed this game"
      default:
        return ""
    }
  }
}

/** Whether a new connection would be closed again: codes from 4000 on, but `TooLate`, reject what a worker did. */
export const isFinal = (code: number): boolean => code >= 4000 && code !== CloseReason.TooLate.code

/** The server does not follow protocol 0. */
export class NotARelay extends Schema.TaggedError<NotARelay>()("NotARelay", { detail: Schema.String }) {
  override get message(): string {
    return `the server does not follow the protocol of the game: ${this.detail}; is it another program?`
  }
}

/** Cells stayed without a connection for longer than the limit, which is in seconds here. */
export class GaveUp extends Schema.TaggedError<GaveUp>()("GaveUp", {
  seconds: Schema.Number,
  lost: Schema.Number,
  cause: Schema.String
}) {
  override get message(): string {
    return `gave up: ${Count.format(this.lost)} cells had no connection for ${this.seconds} s (${this.cause})`
  }
}

/** One of the processes that play a game has ended. What its cells published last may not be known, so no other can go on from there. */
export class ProcessLost extends Schema.TaggedError<ProcessLost>()("ProcessLost", {
  name: Schema.String,
  how: Schema.String
}) {
  override get message(): string {
    return `${this.name} of the cells ended (${this.how}): the game can't go on without them; take it over with --resume, or start it again`
  }
}

/** Why a game can't continue. */
export type GameFailure = GameClosed | NotARelay | GaveUp | ProcessLost
