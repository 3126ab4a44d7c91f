import * as Effect from "effect/Effect"
import * as Drawing from "../../Life/Pattern/Drawing.ts"
import * as PatternInfo from "../../Life/Pattern/PatternInfo.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as RuleText from "../../Life/Universe/RuleText.ts"
import * as Output from "../Output.ts"
import * as Table from "../Table.ts"

const sizeOf = ({ height, width }: PatternInfo.PatternInfo): string => `${width} x ${height}`

const timeOf = ({ lifespan, period }: PatternInfo.PatternInfo): string =>
  period !== undefined ? `period ${period}` : lifespan !== undefined ? `${lifespan} steps` : ""

/** `life patterns`: writes one line for each pattern. */
export const list = Effect.gen(function* () {
  const library = yield* PatternLibrary
  const entries = yield* library.list
  const rows = entries.map(({ info }) => [info.name, sizeOf(info), info.kind, timeOf(info), info.title])
  yield* Output.result(...Table.lines([["NAME", "SIZE", "KIND", "TIME", "TITLE"], ...rows]))
}).pipe(Effect.provide(PatternLibrary.layer))

/** `life patterns show NAME`: writes the facts about a pattern and a drawing as large as the terminal allows. */
export const show = Effect.fn("life.patterns.show")(function* ({ name }: { readonly name: string }) {
  const library = yield* PatternLibrary
  const pattern = yield* library.get(name)
  const info = PatternInfo.make(name, pattern)
  const facts = [
    info.kind,
    sizeOf(info),
    timeOf(info),
    info.speed === undefined ? "" : `speed ${info.speed}`,
    pattern.rule === undefined ? "" : `rule ${RuleText.format(pattern.rule)}`,
    pattern.topology === undefined ? "" : `on ${pattern.topology.text}`
  ]
  const { results } = yield* Output.Output
  yield* Output.result(
    info.author === undefined ? info.title : `${info.title} (${info.author})`,
    facts.filter((fact) => fact !== "").join(", "),
    ...info.explanation,
    "",
    ...Drawing.draw(pattern.grid, results.columns())
  )
}, Effect.provide(PatternLibrary.layer))
