/** Makes a scenario that runs a k6 script. The script is evaluated once, which gives its options and metrics. */
import { isAbsolute } from "node:path"
import type { AnyNode } from "acorn"
import * as Either from "effect/Either"
import { builtIn, type MetricKind } from "../../../../Echo/K6/Builtins.ts"
import { isLocal } from "../../../../Echo/K6/Modules.ts"
import { K6Script } from "../../../../Echo/K6/Script.ts"
import { childrenOf, lineOf, nameOf, type Source, SourceError } from "../../../../Echo/K6/Source.ts"
import { describe, Vu } from "../../../../Echo/K6/Vu.ts"
import type { StepEncoded } from "../../../../Echo/Scenario/Step.ts"
import type { Convert, Converted, Findings, Unreadable } from "../Conversion.ts"
import { isObject, unlessEmpty } from "../Json.ts"
import { type Load, loadMembers, loadsOf, noteUnread } from "./Load.ts"
import { thresholdsOf } from "./Thresholds.ts"

/** Visits what can run: everything but imports and the summary of k6, which never runs here. */
const visitRunning = (node: AnyNode, visit: (node: AnyNode, parent: AnyNode) => void): void => {
  for (const child of childrenOf(node)) {
    if (child.type === "ImportDeclaration") continue
    if (child.type === "FunctionDeclaration" && child.id?.name === "handleSummary") continue
    visit(child, node)
    visitRunning(child, visit)
  }
}

/** Reports what a module uses that there is not. */
const checkModule = (script: K6Script, source: Source, findings: Findings): void => {
  const uses = new Map<string, number>()
  visitRunning(source.program, (node, parent) => {
    const isName = parent.type === "MemberExpression" && parent.property === node && !parent.computed
    if (node.type === "Identifier" && !isName && !uses.has(node.name)) uses.set(node.name, lineOf(node))
    const isPing =
      (node.type === "Literal" && node.value === "ping") || (node.type === "Identifier" && node.name === "onping")
    const isListener = parent.type === "CallExpression" && parent.arguments[0] === node
    if (isPing && (isListener || isName))
      findings.note(lineOf(node), "handlers of ping are not called: pings of the server are answered before")
  })
  for (const [local, { line, module, name }] of script.names(source)) {
    if (isLocal(module) || !uses.has(local)) continue
    const made = builtIn(module)
    if (made === undefined) {
      findings.refuse(line, `${module} is not available here`)
      continue
    }
    const exports = made(new Vu(0, {}), { arrays: new Map(), metrics: new Map(), checks: new Set() })
    if (name !== "*" && !Object.hasOwn(exports, name) && name !== "default")
      findings.refuse(line, `${module} has no ${name} here`)
  }
}

const exportLine = (source: Source, name: string): number => {
  const found = source.program.body.find((node) => {
    const declaration = node.type === "ExportNamedDeclaration" ? node.declaration : undefined
    if (declaration?.type === "VariableDeclaration")
      return declaration.declarations.some(({ id }) => nameOf(id) === name)
    return nameOf(declaration?.id) === name
  })
  return found === undefined ? 1 : lineOf(found)
}

/** The first address of a WebSocket in the script, for reports and for the check of ports; it does not say where the clients connect. */
const addressIn = ({ sources }: K6Script): string | undefined =>
  sources.flatMap(({ text }) => /wss?:\/\/[\w.-]+(?::\d+)?(?=[/"'`?\s])/.exec(text) ?? []).map((url) => `${url}/`)[0]

const figureName = (name: string): string => name.replaceAll(/[^\w-]/g, "-").replace(/^[^A-Za-z]+/, "") || "k6"

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** Loads that one run can hold together: all, if they have one key. */
const together = (loads: ReadonlyArray<Load>, wanted: string | undefined, note: (message: string) => void) => {
  const chosen = wanted === undefined ? loads : loads.filter(({ name }) => name === wanted)
  const [first] = chosen
  if (first === undefined || chosen.length === 1) return chosen
  if (first.key !== undefined && chosen.every(({ key, wait }) => key === first.key && wait === first.wait))
    return chosen
  note(
    `only the load of ${first.name} is converted, because one run has one schedule of clients: convert ${chosen
      .slice(1)
      .map(({ name }) => name)
      .join(", ")} with --scenario NAME, and start the runs together`
  )
  return [first]
}

/** Makes the scenario. On the left: the line and the reason why the script can't be read. */
export const convertK6: Convert = (_, findings, wanted, file) =>
  Either.try({
    try: () => convert(new K6Script(file), findings, wanted, file),
    catch: (error): Unreadable =>
      error instanceof SourceError
        ? { file: error.file, line: error.line, message: error.message }
        : { line: 1, message: `the script ended while it was read: ${describe(error)}` }
  })

const convert = (
  script: K6Script,
  findings: Findings,
  wanted: string | undefined,
  file: string
): Converted | undefined => {
  for (const source of script.sources) checkModule(script, source, findings)
  if (findings.refusals.length > 0) return undefined
  const [main] = script.sources
  if (main === undefined) return undefined
  const { exports, metrics } = script.evaluate()
  const line = exportLine(main, "options")
  const note = (message: string) => findings.note(line, message)
  const options = isObject(exports["options"]) ? exports["options"] : {}
  noteUnread(options, [...loadMembers, "thresholds", "insecureSkipTLSVerify"], "", note)
  if (typeof exports["handleSummary"] === "function")
    findings.note(exportLine(main, "handleSummary"), "handleSummary is left out: see --json, --html and --junit")
  const all = loadsOf(options, note)
  if (wanted !== undefined && !all.some(({ name }) => name === wanted))
    return findings.refuse(
      line,
      `there is no scenario ${wanted}: expected one of ${all.map(({ name }) => name).join(", ")}`
    )
  const loads = together(all, wanted, note)
  for (const { function: name } of loads)
    if (typeof exports[name] !== "function") findings.refuse(line, `the script exports no function ${name}`)
  const [first] = loads
  if (first === undefined) return findings.refuse(line, "no load of this script can be converted")
  const sum = loads.reduce((all, { weight }) => all + weight, 0)
  return {
    scenario: scenarioOf(script, exports, metrics, loads, file),
    options: [
      ...first.together(sum),
      ...(options["insecureSkipTLSVerify"] === true ? ["--insecure"] : []),
      ...thresholdsOf(options["thresholds"], metrics, note)
    ]
  }
}

const scenarioOf = (
  script: K6Script,
  exports: Readonly<Record<string, unknown>>,
  metrics: ReadonlyMap<string, MetricKind>,
  loads: ReadonlyArray<Load>,
  file: string
): Converted["scenario"] => {
  const own = isAbsolute(file) || file.startsWith(".") ? file : `./${file}`
  const unlessDefault = (name: string) => (name === "default" ? undefined : name)
  const stepsOf = ({ env, function: name, name: scenario, step, wait }: Load): ReadonlyArray<StepEncoded> => [
    ...(wait === undefined ? [] : [{ wait }]),
    {
      k6: {
        file: own,
        function: unlessDefault(name),
        scenario: unlessDefault(scenario),
        ...step,
        env: unlessEmpty(env),
        metrics: unlessEmpty(Object.fromEntries(metrics))
      }
    }
  ]
  const once = (name: "setup" | "teardown") =>
    typeof exports[name] === "function" ? [{ k6: { file: own, function: name } }] : undefined
  const url = addressIn(script)
  const shared = { connect: url && { url }, setup: once("setup"), teardown: once("teardown") }
  const common = loads.map(({ weight }) => weight).reduce(divisor)
  const parts = loads.map((load) => ({
    name: figureName(load.name),
    weight: load.weight / common,
    steps: stepsOf(load)
  }))
  return { name: "k6", ...shared, ...(parts.length === 1 ? { steps: parts[0]?.steps } : { scenarios: parts }) }
}
