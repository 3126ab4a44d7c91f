import cluster from "node:cluster"
import { expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as ChildProcess from "../../../src/Server/Processes/ChildProcess.ts"
import { ProcessPlace } from "../../../src/Server/Processes/ProcessPlace.ts"

it.live("a process that the system can't start has ended, with the reason", () =>
  Effect.gen(function* () {
    // A missing folder causes the same failure as too many processes.
    cluster.setupPrimary({ cwd: "/nowhere" })
    const child = yield* ChildProcess.start({
      place: new ProcessPlace({ number: 1, of: 2, port: 0 }),
      environment: {},
      onMessage: () => {}
    })
    expect(yield* Deferred.await(child.ended)).toEqual({ status: 1, how: "ENOENT" })
  }).pipe(Effect.scoped)
)
