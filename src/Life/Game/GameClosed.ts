import * as Schema from "effect/Schema"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import * as Count from "../../Text/Count.ts"

/** The server closed a connection of the game in a way that coming back would not mend. */
export class GameClosed extends Schema.TaggedError<GameClosed>()("GameClosed", {
  code: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `the server ended the game: ${this.reason === "" ? "no reason given" : this.reason} (code ${this.code})${this.remedy}`
  }

  get remedy(): string {
    switch (this.code) {
      case CloseReason.NewGame.code:
        return "; someone asked it for another game"
      case CloseReason.Replaced.code:
        return "; another process resumed this game"
      default:
        return ""
    }
  }
}

/**
 * Codes from 4000 are the server's verdict on what a worker did, and all others may be different the next time; so may
 * one that was too slow.
 */
export const isFinal = (code: number): boolean => code >= 4000 && code !== CloseReason.TooLate.code

/** The peer does not keep to the protocol. */
export class NotARelay extends Schema.TaggedError<NotARelay>()("NotARelay", { detail: Schema.String }) {
  override get message(): string {
    return `the server does not keep to the protocol of the game: ${this.detail}; is it another program's?`
  }
}

/** Connections stayed lost for longer than was to be waited. */
export class GaveUp extends Schema.TaggedError<GaveUp>()("GaveUp", {
  seconds: Schema.Number,
  lost: Schema.Number,
  cause: Schema.String
}) {
  override get message(): string {
    return `gave up: ${Count.format(this.lost)} cells had no connection for ${this.seconds} s (${this.cause})`
  }
}

/** Why a game can't go on. */
export type GameFailure = GameClosed | NotARelay | GaveUp
