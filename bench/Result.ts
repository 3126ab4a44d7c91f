import * as Schema from "effect/Schema"

const Summary = Schema.Struct({
  median: Schema.Number,
  min: Schema.Number,
  max: Schema.Number,
  samples: Schema.Array(Schema.Number)
})

const Metric = Schema.Struct({
  key: Schema.String,
  label: Schema.String,
  unit: Schema.String,
  better: Schema.Literal("lower", "higher"),
  digits: Schema.Number
})

const ContenderResult = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  /** The figures by the key of their metric. Empty if a run failed. */
  figures: Schema.Record({ key: Schema.String, value: Summary }),
  /** Why a run failed, if so. */
  failure: Schema.optional(Schema.String)
})

const CaseResult = Schema.Struct({
  title: Schema.String,
  x: Schema.optional(Schema.Number),
  contenders: Schema.Array(ContenderResult)
})

const ScenarioResult = Schema.Struct({
  name: Schema.String,
  title: Schema.String,
  about: Schema.String,
  metrics: Schema.Array(Metric),
  cases: Schema.Array(CaseResult)
})

const Machine = Schema.Struct({
  processor: Schema.String,
  cores: Schema.Number,
  memoryGiB: Schema.Number,
  system: Schema.String,
  versions: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** The load average over one minute before the first run, which shows other load on the machine. */
  loadAverage: Schema.Number
})

/** The result of a benchmark, which `--json` writes and from which the document is made. It has medians and spreads of `runs` runs. */
export const Result = Schema.Struct({
  date: Schema.String,
  command: Schema.String,
  commit: Schema.String,
  runs: Schema.Number,
  seconds: Schema.Number,
  /** The contender with which the others are compared. */
  reference: Schema.String,
  machine: Machine,
  scenarios: Schema.Array(ScenarioResult)
})

export interface Result extends Schema.Schema.Type<typeof Result> {}
export interface ScenarioResult extends Schema.Schema.Type<typeof ScenarioResult> {}
export interface CaseResult extends Schema.Schema.Type<typeof CaseResult> {}
export interface ContenderResult extends Schema.Schema.Type<typeof ContenderResult> {}
export interface Machine extends Schema.Schema.Type<typeof Machine> {}

/** The reference's median of a figure divided by another contender's; `undefined` if one of them is missing or 0. */
export const ratio = (result: CaseResult, reference: string, contender: ContenderResult, key: string) => {
  const own = result.contenders.find(({ name }) => name === reference)?.figures[key]?.median
  const other = contender.figures[key]?.median
  return contender.name !== reference && own !== undefined && other !== undefined && own > 0 && other > 0
    ? own / other
    : undefined
}

export const failures = (result: Result): ReadonlyArray<string> =>
  result.scenarios.flatMap((scenario) =>
    scenario.cases.flatMap((one) =>
      one.contenders.flatMap(({ failure, title }) =>
        failure === undefined ? [] : [`${scenario.title}, ${one.title}: ${title}: ${failure}`]
      )
    )
  )
