/** A run in several processes of this machine, each of which is this program again. */
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Coordinator from "../../Echo/Load/Coordinator.ts"
import type { Dialer } from "../../Echo/Load/Dialer.ts"
import type { LoadRun, PlanError } from "../../Echo/Load/LoadRun.ts"
import * as Worker from "../../Echo/Load/Worker.ts"
import { FromWorker, ToWorker } from "../../Echo/Load/WorkerMessage.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as OwnProcess from "../OwnProcess.ts"

/** The variable that tells this program that it is one of these processes, whose command line says nothing. */
const ENVIRONMENT = "EFFECT_C10K_ECHO_WORKER"

export const isWorker = (): boolean => process.env[ENVIRONMENT] !== undefined && process.send !== undefined

/** Starts a run in `processes` processes, each with its share of the clients. Their results are merged without loss. */
export const make = (
  plan: LoadPlan,
  processes: number,
  entry: OwnProcess.Entry = { ...OwnProcess.self, args: ["echo"] }
): Effect.Effect<LoadRun, PlanError, Scope.Scope> =>
  Coordinator.lead(
    plan,
    processes,
    Effect.fnUntraced(function* (_, index, hear) {
      const member = yield* OwnProcess.start({
        ...{ entry, variable: ENVIRONMENT, to: ToWorker, from: FromWorker },
        onMessage: hear
      })
      // When a run is over, nobody waits for its processes.
      yield* Effect.addFinalizer(() => Effect.sync(member.kill))
      yield* Effect.forkScoped(Effect.map(member.ended, (how) => hear({ _tag: "Died", how: OwnProcess.describe(how) })))
      return {
        name: `process ${index + 1} of ${processes}`,
        post: member.post,
        kill: member.kill
      } satisfies Coordinator.Member
    })
  )

export const run: Effect.Effect<void, PlanError, Dialer> = Effect.gen(function* () {
  const orders = yield* Mailbox.make<ToWorker>()
  yield* OwnProcess.listen(ToWorker, (order) => void orders.unsafeOffer(order))
  const answer = OwnProcess.answering(FromWorker)
  const post = (message: FromWorker) => Effect.async<void>((resume) => answer(message, () => resume(Effect.void)))
  yield* Effect.raceFirst(Worker.serve({ orders, post }), OwnProcess.abandoned)
}).pipe(Effect.scoped)
