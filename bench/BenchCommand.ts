import * as fs from "node:fs"
import * as path from "node:path"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { isNonEmptyReadonlyArray } from "effect/Array"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { judgedBars, verdict } from "./Bars.ts"
import { BenchError } from "./BenchError.ts"
import { measure, merge } from "./Benchmark.ts"
import * as Commits from "./Commits.ts"
import * as Contender from "./Contender.ts"
import { documents } from "./Document.ts"
import * as Gate from "./Gate.ts"
import * as History from "./History.ts"
import { peers as allPeers } from "./Peers.ts"
import { failures, Result } from "./Result.ts"
import { select } from "./Selection.ts"
import { scenarios } from "./scenarios/all.ts"
import { toText } from "./Table.ts"

const names = (known: ReadonlyArray<{ readonly name: string }>) => known.map(({ name }) => name).join(", ")

const options = {
  scenario: Options.text("scenario").pipe(
    Options.withDefault("all"),
    Options.withDescription(
      `The scenarios, separated by commas: ${names(scenarios)}; default: all except ${names(scenarios.filter(({ isRare }) => isRare))}`
    )
  ),
  peers: Options.text("peers").pipe(
    Options.optional,
    Options.withDescription(
      `The peers to compare with, separated by commas: ${names(allPeers)}; default: all; with --compare: none`
    )
  ),
  runs: Options.integer("runs").pipe(
    Options.optional,
    Options.withDescription("How often each contender is measured; the median counts; default: 5, with --quick: 1")
  ),
  quick: Options.boolean("quick").pipe(
    Options.withDescription("Do little work, to check that the benchmark works; the figures mean nothing")
  ),
  compare: Options.text("compare").pipe(
    Options.optional,
    Options.withPseudoName("before..after"),
    Options.withDescription("Measure two commits of this project instead of what is checked out")
  ),
  gate: Options.boolean("gate").pipe(
    Options.withDescription(
      "Compare the last commit with the last tag; fail if one of a few figures is more than 10 % worse"
    )
  ),
  since: Options.text("since").pipe(
    Options.optional,
    Options.withPseudoName("commit"),
    Options.withDescription("With --gate: the commit to compare with, instead of the last tag")
  ),
  json: Options.file("json").pipe(Options.optional, Options.withDescription("Write all figures to this file")),
  from: Options.file("from", { exists: "yes" }).pipe(
    Options.repeated,
    Options.withDescription(
      "Measure nothing and read the figures from a file of --json; if several files have a scenario, the last one counts"
    )
  ),
  docs: Options.boolean("docs").pipe(Options.withDescription("Write docs/benchmarks.md and its charts"))
}

const read = (file: string): Effect.Effect<Result, BenchError> =>
  Effect.sync(() => fs.readFileSync(file, "utf8")).pipe(
    Effect.flatMap(Schema.decode(Schema.parseJson(Result))),
    Effect.mapError(() => new BenchError({ message: `--from: ${file} is not a file of --json` }))
  )

const writeDocuments = (result: Result) =>
  Effect.forEach(documents(result, History.read(path.join(Contender.root, "docs"))), (file) =>
    Effect.sync(() => {
      const target = path.join(Contender.root, "docs", file.path)
      fs.mkdirSync(path.dirname(target), { recursive: true })
      fs.writeFileSync(target, file.content)
    })
  )

const contenders = (compare: Option.Option<string>, peers: Option.Option<string>) =>
  Effect.gen(function* () {
    if (Option.isNone(compare)) {
      const others = yield* select(
        "peers",
        Option.getOrElse(peers, () => "all"),
        allPeers
      )
      return { reference: Contender.project(Contender.root), others, also: true }
    }
    const [before, after] = yield* Commits.parseRange(compare.value)
    const others = yield* select(
      "peers",
      Option.getOrElse(peers, () => "none"),
      allPeers
    )
    const earlier = yield* Commits.checkOut("before", before)
    return { reference: yield* Commits.checkOut("after", after), others: [earlier, ...others], also: false }
  })

const gate = Effect.fn("gate")(function* (since: Option.Option<string>, runs: Option.Option<number>) {
  const earlier = yield* Commits.checkOut("before", Option.isSome(since) ? since.value : yield* Commits.lastTag)
  const reference = yield* Commits.checkOut("after", "HEAD")
  yield* Effect.forEach(Gate.scenarios, ({ prepare }) => prepare ?? Effect.void)
  const result = yield* measure({
    reference,
    others: [earlier],
    also: false,
    scenarios: Gate.scenarios,
    runs: Option.getOrElse(runs, () => Gate.RUNS),
    scale: "full",
    command: "npm run bench -- --gate"
  })
  const judged = Gate.judge(result, earlier.name, reference.name)
  const rows = judged.map(({ isMet, ratio, what }) => [what, `${ratio.toFixed(2)}× ${isMet ? "✓" : "✗"}`])
  yield* Console.log(`\n${toText({ header: ["Gate", `to ${earlier.title}`], rows })}`)
  const failed = [...failures(result), ...judged.filter(({ isMet }) => !isMet).map(({ what }) => `worse: ${what}`)]
  yield* Effect.forEach(failed, (line) => Console.error(line))
  if (failed.length > 0)
    return yield* new BenchError({
      message: `--gate: ${failed.length} figures are more than 10 % worse, or failed`
    })
}, Effect.scoped)

export const benchCommand = Command.make(
  "bench",
  options,
  Effect.fn("bench")(function* ({ compare, docs, from, gate: isGate, json, peers, quick, scenario, ...options }) {
    if (isGate) return yield* gate(options.since, options.runs)
    if (Option.isSome(options.since)) return yield* new BenchError({ message: "--since needs --gate" })
    const runs = Option.getOrElse(options.runs, () => (quick ? 1 : 5))
    if (runs < 1) return yield* new BenchError({ message: `--runs ${runs}: expected 1 or more` })
    const earlier = yield* Effect.forEach(from, read)
    const result = isNonEmptyReadonlyArray(earlier)
      ? merge(earlier)
      : yield* Effect.gen(function* () {
          const known = scenario === "all" ? scenarios.filter(({ isRare = false }) => !isRare) : scenarios
          const chosen = yield* select("scenario", scenario, known)
          const who = yield* contenders(compare, peers)
          yield* Effect.forEach([...chosen, ...who.others], ({ prepare }) => prepare ?? Effect.void)
          const command = ["npm run bench --", ...process.argv.slice(2)].join(" ")
          return yield* measure({ ...who, scenarios: chosen, runs, scale: quick ? "quick" : "full", command })
        }).pipe(Effect.scoped)
    if (Option.isSome(json)) fs.writeFileSync(json.value, `${JSON.stringify(result, null, 1)}\n`)
    if (docs) yield* writeDocuments(result)
    const bars = judgedBars(result).map((bar) => [bar.what, bar.against, bar.bar, verdict(bar)])
    if (bars.length > 0)
      yield* Console.log(`\n${toText({ header: ["Bars", "against", "bar", "measured"], rows: bars })}`)
    const failed = failures(result)
    yield* Effect.forEach(failed, (line) => Console.error(line))
    if (failed.length > 0) return yield* new BenchError({ message: `${failed.length} of the measurements failed` })
  })
).pipe(Command.withDescription("Measure the project and its peers in one interleaved run."))
