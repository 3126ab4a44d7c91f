import { straight } from "./Connect.ts"
import type { LoadPlan } from "./LoadPlan.ts"
import * as Rules from "./Rules.ts"
import type { Scenario } from "./Scenario.ts"
import type { Path, Problem } from "./SchemaProblem.ts"
import { partsOf, type Step } from "./Step.ts"
import { beforeConnecting, neverConnects, setsOf } from "./Steps.ts"
import * as Template from "./Template.ts"

/** What is outside of the scenario, against which its names are checked. What is absent is not checked. */
export type Surroundings = Partial<Pick<LoadPlan, "environment" | "tables">>

/** Members of a step that are no templates, or that contain steps, which are checked on their own. Inside `DATA` these are names like others. */
const NO_TEMPLATES = new Set([
  "capture",
  "stamp",
  "file",
  "steps",
  "else",
  "set",
  "method",
  "name",
  "place",
  "script",
  "k6",
  "answers",
  "sequence"
])

/** Members whose own members have names of the user. */
const DATA = new Set(["json", "form", "headers", "cookies"])

function* texts(value: unknown, path: Path, isData = false): Generator<readonly [Path, string]> {
  if (typeof value === "string") yield [path, value]
  if (typeof value !== "object" || value === null) return
  if (Array.isArray(value)) for (const [index, entry] of value.entries()) yield* texts(entry, [...path, index], isData)
  else
    for (const [key, entry] of Object.entries(value)) {
      if (!isData && NO_TEMPLATES.has(key)) continue
      yield [[...path, key], key]
      yield* texts(entry, [...path, key], isData || DATA.has(key))
    }
}

/**
 * Walks through the steps of a scenario in order, and tracks which variables have a value. The problems come in that order, so
 * who takes the first one walks no further.
 */
class Scope {
  #known: Set<string>
  readonly #scenario: Scenario
  readonly #around: Surroundings

  constructor(scenario: Scenario, around: Surroundings) {
    this.#scenario = scenario
    this.#around = around
    this.#known = new Set(setsOf(scenario.setup ?? []))
  }

  *problems(): Generator<Problem> {
    const { connect, every, on, steps } = this.#scenario
    const first = beforeConnecting(steps)
    yield* this.beforeConnecting()
    yield* this.value(connect, ["connect"])
    // A rule can come at any time, so it may use what any step sets, and steps may use what it sets.
    this.#learn(Rules.setsOf(this.#scenario))
    yield* this.#steps(steps.slice(first), ["steps"], first)
    this.#learn(setsOf(steps))
    yield* this.value(on, ["on"])
    yield* this.value(every, ["every"])
  }

  /** The problems of the steps before the client connects. Afterwards the names that connecting can use are known. */
  *beforeConnecting(): Generator<Problem> {
    const { steps, variables } = this.#scenario
    yield* this.#assignments(variables, ["variables"])
    yield* this.#steps(steps.slice(0, beforeConnecting(steps)), ["steps"])
  }

  *value(value: unknown, path: Path): Generator<Problem> {
    for (const [place, text] of texts(value, path))
      for (const name of Template.namesIn(text)) {
        const message = this.#problemOf(name)
        if (message !== undefined) yield { path: place, message }
      }
  }

  #learn(names: ReadonlyArray<string>): void {
    for (const name of names) this.#known.add(name)
  }

  *#assignments(values: Readonly<Record<string, unknown>>, path: Path): Generator<Problem> {
    for (const [name, value] of Object.entries(values)) {
      yield* this.value(value, [...path, name])
      this.#learn([name])
    }
  }

  *#steps(steps: ReadonlyArray<Step>, path: Path, first = 0): Generator<Problem> {
    for (const [index, step] of steps.entries()) {
      const place = [...path, first + index]
      const { assigns = {}, kind, sets = [] } = partsOf(step)
      yield* this.value(step, place)
      yield* this.#assignments(assigns, [...place, kind])
      this.#learn(sets)
      yield* this.#nested(step, place)
    }
  }

  /** After branches, a variable has a value only if every branch sets it. The steps of a repeat run at least once. */
  *#nested(step: Step, path: Path): Generator<Problem> {
    const before = this.#known
    const { mayBeSkipped = false, nested = [] } = partsOf(step)
    const ends: Array<ReadonlySet<string>> = mayBeSkipped ? [before] : []
    for (const { path: where, sets = [], steps } of nested) {
      this.#known = new Set([...before, ...sets])
      yield* this.#steps(steps, [...path, ...where])
      ends.push(this.#known)
    }
    const [first = before, ...others] = ends
    this.#known = new Set([...first].filter((name) => others.every((known) => known.has(name))))
  }

  #problemOf(name: string): string | undefined {
    const dot = name.indexOf(".")
    if (dot < 0) return this.#known.has(name) ? undefined : `no step before this sets {{${name}}}: ${this.#choice}`
    const table = name.slice(0, dot)
    const column = name.slice(dot + 1)
    const { environment, tables } = this.#around
    if (table === "env") {
      const isKnown = environment === undefined || environment[column] !== undefined
      return isKnown ? undefined : `the environment has no variable ${column}`
    }
    if (this.#scenario.data[table] === undefined) return `there is no data named "${table}"`
    const columns = tables?.[table]?.columns
    return columns === undefined || columns.includes(column)
      ? undefined
      : `"${table}" has no column "${column}"; its columns are ${columns.join(", ")}`
  }

  get #choice(): string {
    return `a template can use ${[...Template.builtIns, ...this.#known].map((name) => `{{${name}}}`).join(", ")}`
  }
}

function* problemsOf(scenario: Scenario, around: Surroundings): Generator<Problem> {
  const { setup = [], teardown = [], ...others } = scenario
  const once = function* (which: "setup" | "teardown", steps: Scenario["steps"], more: Partial<Scenario>) {
    const unconnected = neverConnects(steps) ? { connect: straight, on: [], every: {} } : {}
    const own = { ...others, data: {}, variables: {}, ...unconnected, ...more, steps }
    for (const { message, path } of new Scope(own, around).problems()) {
      const [first, ...inside] = path
      yield first === "steps" ? { path: [which, ...inside], message } : { path, message: `${message} in ${which}` }
    }
  }
  yield* once("setup", setup, {})
  yield* new Scope(scenario, around).problems()
  yield* once("teardown", teardown, { setup })
}

/** The first place of a scenario that uses a variable without a value; `undefined` if there is none. */
export const check = (scenario: Scenario, around: Surroundings): Problem | undefined => {
  const [first] = problemsOf(scenario, around)
  return first
}

/** The same for a template that is used when a client connects. */
export const checkConnecting = (text: string, scenario: Scenario, around: Surroundings): string | undefined => {
  const scope = new Scope(scenario, around)
  const [first] = [...scope.beforeConnecting(), ...scope.value(text, [])]
  return first?.message
}

/** The environment variables that the templates in a value use, such as a scenario. */
export const environmentOf = (value: unknown): ReadonlyArray<string> =>
  Template.namesInJson(value).flatMap((name) => (name.startsWith("env.") ? [name.slice(4)] : []))
