import { straight } from "./Connect.ts"
import * as Rules from "./Rules.ts"
import type { Scenario } from "./Scenario.ts"
import { partsOf, type Step } from "./Step.ts"
import { beforeConnecting, neverConnects, setsOf } from "./Steps.ts"
import * as Template from "./Template.ts"

/** A problem of a scenario, and the path of members and indices to its place. */
export interface Problem {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

/** The known names outside the scenario, against which it is checked. */
export interface Surroundings {
  /** The columns of a table; `undefined` if they are not known. */
  readonly columns: (table: string) => ReadonlyArray<string> | undefined
  readonly hasEnvironment: (name: string) => boolean
}

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

type Path = ReadonlyArray<PropertyKey>

/** Every text in a value, with its path. */
const texts = (value: unknown, path: Path, isData = false): ReadonlyArray<readonly [Path, string]> => {
  if (typeof value === "string") return [[path, value]]
  if (typeof value !== "object" || value === null) return []
  if (Array.isArray(value)) return value.flatMap((entry, index) => texts(entry, [...path, index], isData))
  return Object.entries(value).flatMap(([key, entry]) =>
    !isData && NO_TEMPLATES.has(key)
      ? []
      : [[[...path, key], key] as const, ...texts(entry, [...path, key], isData || DATA.has(key))]
  )
}

/** Walks through the steps of a scenario in order, and tracks which variables have a value. */
class Scope {
  #known: Set<string>
  readonly #scenario: Scenario
  readonly #around: Surroundings

  constructor(scenario: Scenario, around: Surroundings) {
    this.#scenario = scenario
    this.#around = around
    this.#known = new Set(setsOf(scenario.setup ?? []))
  }

  check(): Problem | undefined {
    const { connect, steps } = this.#scenario
    const first = beforeConnecting(steps)
    return (
      this.beforeConnecting() ??
      this.value(connect, ["connect"]) ??
      this.#withRules(() => this.#steps(steps.slice(first), ["steps"], first))
    )
  }

  /** A rule can come at any time, so it may use what any step sets, and steps may use what it sets. */
  #withRules(checkSteps: () => Problem | undefined): Problem | undefined {
    const { every, on, steps } = this.#scenario
    for (const name of Rules.setsOf(this.#scenario)) this.#known.add(name)
    const problem = checkSteps()
    if (problem !== undefined) return problem
    for (const name of setsOf(steps)) this.#known.add(name)
    return this.value(on, ["on"]) ?? this.value(every, ["every"])
  }

  /** Checks the steps before the client connects. Afterwards the names that connecting can use are known. */
  beforeConnecting(): Problem | undefined {
    const { steps, variables } = this.#scenario
    return this.assignments(variables, ["variables"]) ?? this.#steps(steps.slice(0, beforeConnecting(steps)), ["steps"])
  }

  assignments(values: Readonly<Record<string, unknown>>, path: Path): Problem | undefined {
    for (const [name, value] of Object.entries(values)) {
      const problem = this.value(value, [...path, name])
      if (problem !== undefined) return problem
      this.#known.add(name)
    }
    return undefined
  }

  value(value: unknown, path: Path): Problem | undefined {
    for (const [place, text] of texts(value, path)) {
      for (const name of Template.namesIn(text)) {
        const message = this.#problemOf(name)
        if (message !== undefined) return { path: place, message }
      }
    }
    return undefined
  }

  #steps(steps: ReadonlyArray<Step>, path: Path, first = 0): Problem | undefined {
    for (const [index, step] of steps.entries()) {
      const problem = this.#step(step, [...path, first + index])
      if (problem !== undefined) return problem
    }
    return undefined
  }

  #step(step: Step, path: Path): Problem | undefined {
    const { assigns = {}, kind, sets = [] } = partsOf(step)
    const own = this.value(step, path) ?? this.assignments(assigns, [...path, kind])
    if (own !== undefined) return own
    for (const name of sets) this.#known.add(name)
    return this.#nested(step, path)
  }

  /** After branches, a variable has a value only if every branch sets it. The steps of a repeat run at least once. */
  #nested(step: Step, path: Path): Problem | undefined {
    const before = this.#known
    const { mayBeSkipped = false, nested = [] } = partsOf(step)
    const ends: Array<ReadonlySet<string>> = mayBeSkipped ? [before] : []
    for (const { path: where, sets = [], steps } of nested) {
      this.#known = new Set([...before, ...sets])
      const problem = this.#steps(steps, [...path, ...where])
      if (problem !== undefined) return problem
      ends.push(this.#known)
    }
    const [first = before, ...others] = ends
    this.#known = new Set([...first].filter((name) => others.every((known) => known.has(name))))
    return undefined
  }

  #problemOf(name: string): string | undefined {
    const dot = name.indexOf(".")
    if (dot < 0) return this.#known.has(name) ? undefined : `no step before this sets {{${name}}}: ${this.#choice}`
    const table = name.slice(0, dot)
    const column = name.slice(dot + 1)
    if (table === "env") {
      return this.#around.hasEnvironment(column) ? undefined : `the environment has no variable ${column}`
    }
    if (this.#scenario.data[table] === undefined) return `there is no data named "${table}"`
    const columns = this.#around.columns(table)
    return columns === undefined || columns.includes(column)
      ? undefined
      : `"${table}" has no column "${column}"; its columns are ${columns.join(", ")}`
  }

  get #choice(): string {
    return `a template can use ${[...Template.builtIns, ...this.#known].map((name) => `{{${name}}}`).join(", ")}`
  }
}

/** The first place of a scenario that uses a variable without a value; `undefined` if there is none. */
export const check = (scenario: Scenario, around: Surroundings): Problem | undefined => {
  const { setup, teardown, ...others } = scenario
  const once = (which: "setup" | "teardown", steps: Scenario["steps"], more: Partial<Scenario>) => {
    const unconnected = neverConnects(steps) ? { connect: straight, on: [], every: {} } : {}
    const problem = new Scope({ ...others, data: {}, variables: {}, ...unconnected, ...more, steps }, around).check()
    if (problem === undefined) return undefined
    const [first, ...path] = problem.path
    return first === "steps"
      ? { ...problem, path: [which, ...path] }
      : { ...problem, message: `${problem.message} in ${which}` }
  }
  return (
    (setup === undefined ? undefined : once("setup", setup, {})) ??
    new Scope(scenario, around).check() ??
    (teardown === undefined ? undefined : once("teardown", teardown, { setup }))
  )
}

/** The same for a template that is used when a client connects. */
export const checkConnecting = (text: string, scenario: Scenario, around: Surroundings): string | undefined => {
  const scope = new Scope(scenario, around)
  return (scope.beforeConnecting() ?? scope.value(text, []))?.message
}

/** The environment variables that the templates in a value use, such as a scenario. */
export const environmentOf = (value: unknown): ReadonlyArray<string> =>
  Template.namesInJson(value).flatMap((name) => (name.startsWith("env.") ? [name.slice(4)] : []))
