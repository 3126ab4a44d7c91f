import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { compileFunction } from "node:vm"
import type { Failure } from "../Measure/Failure.ts"
import type { Part, Player, Playing } from "../Scenario/Player.ts"
import { builtIn, type MetricKind, type Shared, timers } from "./Builtins.ts"
import { list } from "./Lists.ts"
import { type ImportedNames, isLocal, pathOf } from "./Modules.ts"
import { rewrite } from "./Rewrite.ts"
import { lineOf, parse, type Source, SourceError } from "./Source.ts"
import { type Callback, describe, Iteration, isCallback, Vu } from "./Vu.ts"

type Exports = Record<string, unknown>

interface Loaded {
  readonly run: (...given: ReadonlyArray<unknown>) => void
  readonly names: ImportedNames
}

const PARAMETERS = [
  ...["__k6", "__import", "__exports", "__ENV", "__VU", "open", "require", "module"],
  ...["setTimeout", "setInterval", "clearTimeout", "clearInterval", "global"]
]

const bodyOf = (code: string, filename: string): Loaded["run"] => {
  const compiled = compileFunction(code, PARAMETERS, { filename })
  return (...given) => void Reflect.apply(compiled, undefined, given)
}

const sourcesOf = (file: string): ReadonlyArray<Source> => {
  const sources = new Map<string, Source>()
  /** Errors are at the place that imports the module. */
  const visit = (name: string, from: string, line: number) => {
    if (sources.has(name)) return
    const fail = (why: string) => new SourceError({ file: from, line, message: `${name} ${why}` })
    if (/\.[cm]?ts$/.test(name)) throw fail("is TypeScript: give JavaScript, such as esbuild makes of it")
    let text: string
    try {
      text = readFileSync(name, "utf8")
    } catch {
      throw fail("can't be read")
    }
    const source = parse(name, text)
    sources.set(name, source)
    for (const node of source.program.body) {
      const given = "source" in node ? node.source?.value : undefined
      if (typeof given !== "string" || !isLocal(given)) continue
      visit(pathOf(name, given), name, lineOf(node))
    }
  }
  visit(file, file, 1)
  return [...sources.values()]
}

/** A module that does not exist here. Its names may be imported, but not used. */
const absent = (name: string): Exports =>
  new Proxy<Exports>(Object.create(null), {
    get: (_, key) => {
      if (typeof key === "symbol") return undefined
      return () => {
        throw new Error(`${name} is not available here`)
      }
    }
  })

/** A k6 script. It is compiled once; each client has its own variables of the modules. */
export class K6Script implements Player {
  readonly file: string
  readonly sources: ReadonlyArray<Source>
  readonly #modules = new Map<string, Loaded>()
  readonly #shared: Shared = { arrays: new Map(), metrics: new Map(), checks: new Set() }
  readonly #files = new Map<string, string | ArrayBuffer>()
  readonly #environments = new Map<string, Record<string, string | undefined>>()

  /** Throws a `SourceError` if it can't be read. */
  constructor(file: string) {
    this.file = resolve(file)
    this.sources = sourcesOf(this.file)
    for (const [name, { code, names }] of rewrite(this.sources)) {
      this.#modules.set(name, { run: bodyOf(code, name), names })
    }
  }

  /** What it exports, with the metrics that it makes. Throws what the script throws. */
  readonly evaluate = (): { readonly exports: Exports; readonly metrics: ReadonlyMap<string, MetricKind> } => ({
    exports: this.#instance(new Vu(0, process.env)),
    metrics: this.#shared.metrics
  })

  readonly names = (source: Source): ImportedNames => this.#modules.get(source.file)!.names

  readonly play: Player["play"] = (client, part, onEnd) => {
    const { kept } = client.slot
    const key = JSON.stringify([this.file, part.scenario, part.function, part.env])
    const known = kept.get(key)
    const state =
      known instanceof State
        ? known
        : new State(client, this.#environmentOf(part), this.#shared.metrics, (vu) => this.#instance(vu))
    kept.set(key, state)
    return state.play(client, part, onEnd)
  }

  /** One object for all clients. */
  #environmentOf({ env }: Part): Record<string, string | undefined> {
    const key = JSON.stringify(env)
    const known = this.#environments.get(key) ?? { ...process.env, ...env }
    this.#environments.set(key, known)
    return known
  }

  #instance(vu: Vu): Exports {
    const made = new Map<string, Exports>()
    const clock = timers(vu)
    const importFrom =
      (from: string) =>
      (name: string): Exports => {
        if (isLocal(name)) return load(pathOf(from, name))
        const present = made.get(name)
        if (present !== undefined) return present
        const exports = builtIn(name)?.(vu, this.#shared) ?? absent(name)
        made.set(name, exports)
        return exports
      }
    const k6 = {
      list,
      get iteration() {
        return vu.iterations
      }
    }
    const load = (file: string): Exports => {
      const present = made.get(file)
      if (present !== undefined) return present
      const module = this.#modules.get(file)
      if (module === undefined) throw new Error(`${file} was not found when the script was read`)
      const exports: Exports = {}
      made.set(file, exports)
      const open = (name: unknown, kind?: unknown) => {
        vu.declaring("open")
        return this.#open(pathOf(file, String(name)), kind === "b")
      }
      const importing = importFrom(file)
      const common = { exports }
      module.run(
        ...[k6, importing, exports, vu.env, vu.number, open, importing, common],
        ...[clock.setTimeout, clock.setInterval, clock.clearTimeout, clock.clearInterval, globalThis]
      )
      if (common.exports !== exports) Object.assign(exports, common.exports)
      return exports
    }
    return load(this.file)
  }

  #open(file: string, isBinary: boolean): string | ArrayBuffer {
    const key = `${isBinary} ${file}`
    const known = this.#files.get(key)
    if (known !== undefined) return known
    const bytes = readFileSync(file)
    const content = isBinary ? new Uint8Array(bytes).buffer : bytes.toString("utf8")
    this.#files.set(key, content)
    return content
  }
}

/** The variable with what `setup` has returned, as JSON. */
export const DATA = "k6-data"

/** One client of a script over all its conversations. */
class State {
  readonly #vu: Vu
  readonly #instance: (vu: Vu) => Exports
  #exports: Exports | undefined
  /** What `setup` has returned, which each client has for itself. */
  #data: { readonly text: string | undefined; readonly value: unknown } | undefined
  readonly #metrics: ReadonlyMap<string, MetricKind>

  constructor(
    client: Playing,
    env: Record<string, string | undefined>,
    metrics: ReadonlyMap<string, MetricKind>,
    instance: (vu: Vu) => Exports
  ) {
    this.#metrics = metrics
    this.#vu = new Vu(client.slot.number, env)
    this.#instance = instance
  }

  #dataOf(text: string | undefined): unknown {
    if (this.#data === undefined || this.#data.text !== text)
      this.#data = { text, value: text === undefined ? undefined : JSON.parse(text) }
    return this.#data.value
  }

  play(client: Playing, part: Part, onEnd: (failure: Failure | undefined) => void): () => void {
    let left = part.iterations
    let failure: Failure | undefined
    let current: Iteration | undefined
    const end = () => setImmediate(() => isCut || onEnd(failure))
    const next = (main: Callback) => {
      const began = client.now()
      const iteration: Iteration = new Iteration(client, () => {
        client.named.count("k6.iterations")
        client.named.record("k6.iteration_duration", client.now() - began)
        failure ??= iteration.failure
        this.#vu.current = undefined
        if (--left > 0) setImmediate(() => isCut || next(main))
        else end()
      })
      this.#vu.begin(iteration, part.scenario)
      current = iteration
      iteration.start(() => {
        const result = main(this.#dataOf(client.values.value(DATA)))
        if (part.function !== "setup") return result
        return Promise.resolve(result).then((made) => client.values.set(DATA, JSON.stringify(made ?? null)))
      })
    }
    let isCut = false
    try {
      this.#exports ??= this.#instance(this.#vu)
      const main = this.#exports[part.function]
      const missing = [...this.#metrics.keys()].find((name) => !part.metrics.includes(name))
      if (missing !== undefined && part.function !== "setup" && part.function !== "teardown")
        throw new Error(`the script has the metric ${missing}: add it to \`metrics\` of the k6 step`)
      if (!isCallback(main)) throw new Error(`the script exports no function ${part.function}`)
      next(main)
    } catch (error) {
      failure = { cause: "script", kind: "while the script was read", detail: describe(error) }
      end()
    }
    return () => {
      isCut = true
      current?.cut()
      this.#vu.current = undefined
    }
  }
}
