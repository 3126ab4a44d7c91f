/** The WebSocket paths of recordings: `/history/` of the game without a name, and `/games/NAME/history/`. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CloseReason } from "../Protocol/CloseReason.ts"
import { conversation } from "../WebSocket/Api/ConversationEndpoint.ts"
import { Games } from "./Games/Games.ts"
import type { Found } from "./Games/OpenGames.ts"
import { History } from "./History/History.ts"
import * as HistoryStream from "./History/HistoryStream.ts"

const role = "history"

export const layer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const history = yield* History
    const games = yield* Games
    if (!history.isKept) return Layer.empty
    const roomOf = (name: string) =>
      Effect.async<Found>((resume) => games.unsafeEnter(name, (room) => resume(Effect.succeed(room))))
    const unnamed = conversation("/history/", { role }, (talk, { url }) => HistoryStream.stream(history, talk, url))
    const named = conversation("/games/:name/history/", { role }, (talk, { params, url }) =>
      Effect.gen(function* () {
        const room = yield* roomOf(params.name)
        if (room === "unknown") return yield* talk.close(CloseReason.NoSuchGame.code, CloseReason.NoSuchGame.reason)
        if (room === "unavailable")
          return yield* talk.close(CloseReason.Unavailable.code, CloseReason.Unavailable.reason)
        yield* HistoryStream.stream(yield* room.read, talk, url)
      })
    )
    return Layer.merge(unnamed, named)
  })
)
