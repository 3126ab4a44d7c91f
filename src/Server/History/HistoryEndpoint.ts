/**
 * `/history/`: the recording of the present game, from its beginning as far as it is kept. It goes on with the game, and
 * ends when all workers have left or another game begins; with `?until=now` it ends with what is there.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../../WebSocket/Api/ConversationEndpoint.ts"
import type { Conversation } from "../../WebSocket/Conversation/Conversation.ts"
import { StartupBarrier } from "../Game/StartupBarrier.ts"
import { History } from "./History.ts"

/** Bytes that are read at once. */
const PART = 256 * 1024

/** How long a game without workers is waited for: its `life` may come back. */
const PATIENCE = "5 seconds"

const make = Effect.gen(function* () {
  const history = yield* History
  const barrier = yield* StartupBarrier

  const more = (next: number) =>
    Effect.async<void>((resume) => {
      const undo = history.unsafeOnce(next, () => resume(Effect.void))
      return Effect.sync(undo)
    })

  /** Waits for more; `false` when nothing more comes. */
  const goesOn = (next: number): Effect.Effect<boolean> =>
    Effect.timeoutTo(more(next), {
      duration: PATIENCE,
      onTimeout: () => false,
      onSuccess: () => true
    }).pipe(Effect.repeat({ until: (came) => came || isOver() }))

  const isOver = (): boolean => {
    const { connected, phase } = barrier.unsafeState()
    return phase === "running" && connected === 0
  }

  const tell = Effect.fnUntraced(function* (talk: Conversation, untilNow: boolean) {
    let began = history.unsafeBegin()
    while (began === undefined) {
      if (untilNow) return
      yield* more(Number.POSITIVE_INFINITY)
      began = history.unsafeBegin()
    }
    yield* talk.send(began.head)
    for (let next = began.next; ; ) {
      // A recording is of one game.
      if (history.unsafeBegin()?.next !== began.next) return
      const part = history.unsafeRead(next, PART)
      for (const bytes of part.bytes) yield* talk.send(bytes)
      const isAtEnd = part.bytes.length === 0
      if (isAtEnd && (untilNow || !(yield* goesOn(next)))) return
      next = part.next
    }
  })

  if (!history.isKept) return Layer.empty
  return conversation("/history/", { role: "history" }, (talk, { url }) =>
    // A client that leaves is not waited for.
    Effect.raceFirst(tell(talk, new URL(url, "http://localhost").searchParams.get("until") === "now"), talk.closed)
  )
})

export const layer = Layer.unwrapEffect(make)
