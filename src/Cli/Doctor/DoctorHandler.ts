import { execFile } from "node:child_process"
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import { Machine } from "../../Echo/Load/Machine.ts"
import * as Count from "../../Text/Count.ts"
import { EndWith } from "../ExitStatus.ts"
import * as Output from "../Output.ts"
import * as Table from "../Table.ts"
import * as Diagnosis from "./Diagnosis.ts"

/** What `nats-server --version` prints, without its name. */
const nats = Effect.async<string | undefined>((resume) => {
  execFile("nats-server", ["--version"], (error, stdout) =>
    resume(Effect.succeed(error === null ? stdout.trim().replace(/^nats-server: /, "") : undefined))
  )
})

/** `effect-c10k doctor`: reports the limits of this machine. The exit status is 1 if one is too low for `clients`. */
export const run = Effect.fn("doctor")(function* ({ clients }: { readonly clients: number }) {
  const machine = yield* Effect.flatMap(Machine, ({ inspect }) => inspect)
  const found = Diagnosis.findings(
    {
      ...{ machine, node: process.versions.node, platform: process.platform, cores: availableParallelism() },
      nats: yield* nats
    },
    clients
  )
  const { results } = yield* Output.Output
  const lines = Table.lines(Diagnosis.rows(found))
  for (const [at, line] of lines.entries()) {
    yield* Output.result(
      line,
      ...Table.wrap(found[at]?.means ?? "", results.columns() - 6).map((text) => `      ${text}`)
    )
  }
  const low = found.filter(({ isEnough }) => isEnough === false)
  const connections = clients === 1 ? "1 connection" : `${Count.format(clients)} connections at one time`
  yield* Output.result(
    "",
    low.length === 0
      ? `This machine can hold ${connections}.`
      : `Too low for ${connections}: ${low.map(({ what }) => what).join(", ")}.`
  )
  if (low.length > 0) return yield* new EndWith({ status: 1 })
}, Effect.provide(Machine.layer))
