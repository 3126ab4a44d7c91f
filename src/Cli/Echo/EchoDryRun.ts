/** `--dry-run`: one conversation of each scenario, with every message as it is sent or received. */
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Happening, Trace } from "../../Echo/Load/Trace.ts"
import { type LoadPlan, scenariosOf, urlsOf } from "../../Echo/Scenario/LoadPlan.ts"
import * as Secrets from "../../Echo/Scenario/Secrets.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import { EndWith } from "../ExitStatus.ts"
import * as Output from "../Output.ts"
import { Signals, statusOf } from "../Signals.ts"
import { UserError } from "../UserError.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import * as EchoPlan from "./EchoPlan.ts"
import * as EchoRunner from "./EchoRunner.ts"

type Colour = "cyan" | "green" | "red" | "gray" | "yellow"

const shown: Readonly<Record<Happening["kind"], readonly [sign: string, colour: Colour]>> = {
  connect: ["--", "gray"],
  open: ["--", "gray"],
  sent: ["->", "cyan"],
  received: ["<-", "green"],
  ping: ["->", "gray"],
  pong: ["<-", "gray"],
  close: ["->", "gray"],
  closed: ["<-", "gray"],
  failed: ["!!", "red"],
  ended: ["!!", "red"],
  request: ["->", "yellow"],
  answer: ["<-", "yellow"]
}

/** A message is shown as it is, and why a conversation has ended; the others say what they are. */
const isMessage = (kind: Happening["kind"]): boolean => ["sent", "received", "ended"].includes(kind)

/** Text in one line, without control characters, which a terminal would obey. Bytes as hexadecimal digits. */
const lineOf = (what: Happening["what"]): string =>
  typeof what === "string"
    ? // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced here
      what.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => JSON.stringify(character).slice(1, -1))
    : `${what.length} bytes ${Buffer.from(what).toString("hex")}`

const painter = (isColoured: boolean) => (colour: Colour, text: string) => {
  const [on, off] = inspect.colors[colour] ?? [0, 0]
  return isColoured ? `\u001b[${on}m${text}\u001b[${off}m` : text
}

/** The options that a dry run would ignore. */
const ignored = ["json", "csv", "html", "junit", "find", "ui", "agents"] as const

const check = (options: EchoOptions): Effect.Effect<void, UserError> => {
  const given = (option: Option.Option<unknown>) => Option.isSome(option)
  const one = ignored.find((name) => given(options[name])) ?? (options.streams.length > 0 ? "stream" : undefined)
  return one === undefined
    ? Effect.void
    : UserError.of(`--dry-run prints one conversation and measures nothing: leave out --${one}`)
}

const planOf = (plan: LoadPlan, scenario: LoadPlan["scenario"]): LoadPlan => ({
  ...plan,
  scenario,
  scenarios: undefined,
  urls: [urlsOf(plan, scenario)[0]]
})

export const run = Effect.fn("echo.dryRun")(function* (options: EchoOptions) {
  yield* check(options)
  const plan = EchoPlan.onePlan(yield* EchoPlan.make(options))
  const { results } = yield* Output.Output
  const paint = painter(results.isRedrawable && process.env["NO_COLOR"] === undefined)
  const redact = Secrets.redactor(plan)
  /** What the clients have captured until now. */
  const secrets = new Set<string>()
  const runner = yield* EchoRunner.make({ ...options, quiet: true, processes: 1 }, [], [], undefined, undefined)
  const clock = yield* Effect.clock
  /** The times of `setup`, steps and `teardown` begin together, so that they can be compared. */
  let begin = 0n
  const write = (sign: string, colour: Colour, text: string) => {
    const time = Number(clock.unsafeCurrentTimeNanos() - begin) / 1e6
    results.unsafeWrite(`${paint("gray", formatMillis(time).padStart(9))}  ${paint(colour, `${sign} ${text}`)}\n`)
  }
  const unsafeNote = ({ client, kind, what }: Happening) => {
    const [sign, colour] = shown[kind]
    for (const secret of client.values.secrets) secrets.add(secret)
    const text = redact(kind === "connect" ? Secrets.maskUrl(lineOf(what)) : lineOf(what), [...secrets])
    write(sign, colour, isMessage(kind) ? text : `${kind} ${text}`.trimEnd())
  }
  let failed = 0
  for (const { scenario } of scenariosOf(plan)) {
    if (plan.scenarios !== undefined) yield* Output.result(`scenario ${scenario.name}`)
    begin = clock.unsafeCurrentTimeNanos()
    const ended = yield* Effect.provideService(runner.run(planOf(plan, scenario)), Trace, { unsafeNote })
    const { completed, elapsed, failures, received, sent } = ended.report
    if (ended.teardownFailure !== undefined) write("!!", "red", ended.teardownFailure)
    if (failures.length > 0 || ended.teardownFailure !== undefined) failed++
    else
      yield* Output.result(
        `${completed > 0 ? "right" : "cut short"}: ${sent} sent, ${received} received in ${formatMillis(elapsed)}`
      )
    if (runner.unsafeIsStopped()) break
  }
  const signal = (yield* Signals).unsafeFirst()
  if (signal !== undefined) return yield* new EndWith({ status: statusOf[signal] })
  if (failed > 0) return yield* new EndWith({ status: 1 })
})
