/**
 * Ends many processes in at most four groups, one after the other. However many there are, it takes about as long as
 * four of them, and clients that are closed find at least one process that still accepts them, until the last group
 * ends.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

const GROUPS = 4

/** Groups of equal size; the last one may be smaller. */
export const groupsOf = <A>(members: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(members, Math.max(1, Math.ceil(members.length / GROUPS)))

/**
 * Ends all members, and waits for all. The next group begins when the one before has ended, or after `turn`
 * milliseconds, so that a member that hangs does not delay the others.
 */
export const endAll = Effect.fnUntraced(function* <A>(
  members: ReadonlyArray<A>,
  end: (member: A) => Effect.Effect<void>,
  turn: number
) {
  const all: Array<Fiber.RuntimeFiber<void>> = []
  for (const group of groupsOf(members)) {
    const ending = yield* Effect.forEach(group, (member) => Effect.fork(end(member)))
    all.push(...ending)
    yield* Effect.timeoutOption(Fiber.awaitAll(ending), turn)
  }
  yield* Fiber.joinAll(all)
})
