/**
 * Ends many processes in at most four groups, one group after the other: however many there are, it takes about as long as four of
 * them, and the clients that are sent away find at least one that still takes them.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

const GROUPS = 4

/** Groups of one size; the last may be smaller. */
export const groupsOf = <A>(members: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(members, Math.max(1, Math.ceil(members.length / GROUPS)))

/**
 * Ends all members. The next group has its turn when the one before has ended, or after `turn` milliseconds: one that hangs does not
 * hold the others. Waits for all.
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
