/**
 * `/history/`: sends the recording of a game, from its beginning as far as it is kept. It continues with the game, and
 * ends when all workers have left or another game begins. With `?until=now` it ends with what is recorded at the
 * moment.
 */
import * as Effect from "effect/Effect"
import { queryOf } from "../../Text/Query.ts"
import type { Conversation } from "../../WebSocket/Conversation/Conversation.ts"
import type { History } from "./History.ts"

/** The bytes to read at once. */
const PART = 256 * 1024

/** How long to wait for a game without workers, because its `life` may reconnect. */
const RECONNECT_TIMEOUT = "5 seconds"

const more = (history: History["Type"], next: number) =>
  Effect.async<void>((resume) => {
    const undo = history.unsafeOnce(next, () => resume(Effect.void))
    return Effect.sync(undo)
  })

/** Waits for more blocks; `false` if none will come. */
const goesOn = (history: History["Type"], next: number): Effect.Effect<boolean> =>
  Effect.timeoutTo(more(history, next), {
    duration: RECONNECT_TIMEOUT,
    onTimeout: () => false,
    onSuccess: () => true
  }).pipe(Effect.repeat({ until: (came) => came || history.unsafeIsOver() }))

const begin = Effect.fnUntraced(function* (history: History["Type"], untilNow: boolean) {
  let began = history.unsafeBegin()
  while (began === undefined && !untilNow && !history.unsafeIsOver()) {
    yield* more(history, Number.POSITIVE_INFINITY)
    began = history.unsafeBegin()
  }
  return began
})

const streamAll = Effect.fnUntraced(function* (history: History["Type"], talk: Conversation, untilNow: boolean) {
  yield* history.start
  const began = yield* begin(history, untilNow)
  if (began === undefined) return
  yield* talk.send(began.head)
  // Ends when another game begins, because a recording has one game.
  for (let next = began.next; history.unsafeBegin()?.next === began.next; ) {
    const part = history.unsafeRead(next, PART)
    for (const bytes of part.bytes) yield* talk.send(bytes)
    const isAtEnd = part.bytes.length === 0
    if (isAtEnd && (untilNow || !(yield* goesOn(history, next)))) return
    next = part.next
  }
})

/** Sends the recording to a client. `url` is the url of its request. */
export const stream = (history: History["Type"], talk: Conversation, url: string) =>
  // Ends at once when the client leaves.
  Effect.raceFirst(streamAll(history, talk, queryOf(url).get("until") === "now"), talk.closed)
