import * as Schema from "effect/Schema"

/** The server closed a connection of the game in a way that coming back would not mend. */
export class GameClosed extends Schema.TaggedError<GameClosed>()("GameClosed", {
  code: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `the server ended the game: ${this.reason === "" ? "no reason given" : this.reason} (code ${this.code})`
  }
}

/** Codes from 4000 are the server's verdict on what a worker did; all others may be different the next time. */
export const isFinal = (code: number): boolean => code >= 4000
