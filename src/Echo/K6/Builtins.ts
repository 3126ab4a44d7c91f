/** The modules of k6 that scripts of WebSockets use, besides those of sockets and HTTP. */
import { createHash, createHmac, type Hash, type Hmac, randomBytes, randomUUID } from "node:crypto"
import { parse as parseCsv } from "csv-parse/sync"
import * as Predicate from "effect/Predicate"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import { http } from "./Http.ts"
import { websockets, ws } from "./Sockets.ts"
import { Aborted, isCallback, type Vu } from "./Vu.ts"

/** What the modules of one script share over all its clients. */
export interface Shared {
  readonly arrays: Map<string, ReadonlyArray<unknown>>
  readonly metrics: Map<string, MetricKind>
  readonly checks: Set<string>
}

export type MetricKind = "trend" | "counter" | "rate" | "gauge"

type Module = Readonly<Record<string, unknown>>
type Make = (vu: Vu, shared: Shared) => Module

/** The most checks by name. All further ones count together only. */
const CHECKS = 200

const k6: Make = (vu, { checks }) => {
  const judge = (name: string, passed: boolean): boolean => {
    const iteration = vu.running("check")
    const { named } = iteration.client
    named.count(`k6.checks.${passed}`)
    if (checks.size < CHECKS) checks.add(name)
    if (checks.has(name)) named.count(`k6.check.${name}.${passed}`)
    if (!passed) {
      const kind = `check "${name}"`
      iteration.fail({ cause: "wrong reply", kind, detail: `${kind} failed` })
    }
    return passed
  }
  const check = (value: unknown, conditions: unknown): boolean => {
    if (!Predicate.isRecord(conditions)) throw new TypeError("check: expected an object of conditions")
    return Object.entries(conditions)
      .map(([name, condition]) => judge(name, Boolean(isCallback(condition) ? condition(value) : condition)))
      .every(Boolean)
  }
  const group = (_: unknown, inside: unknown): unknown => (isCallback(inside) ? inside() : undefined)
  const fail = (message: unknown = "") => {
    throw new Aborted(`fail: ${String(message)}`)
  }
  return { check, group, fail, sleep: (seconds: unknown) => vu.sleep(seconds), randomSeed: () => {} }
}

const metrics: Make = (vu, { metrics: known }) => {
  const make = (kind: MetricKind, record: (name: string, value: number) => void) =>
    class {
      readonly name: string
      constructor(name: unknown) {
        vu.declaring("a metric")
        this.name = String(name)
        known.set(this.name, kind)
      }
      add(value: unknown): void {
        const number = Number(value)
        if (!Number.isNaN(number)) record(this.name, number)
      }
    }
  const named = () => vu.running("a metric").client.named
  const record = (name: string, value: number) => named().record(`k6.${name}`, value)
  return {
    Trend: make("trend", record),
    Gauge: make("gauge", record),
    Counter: make("counter", (name, value) => named().count(`k6.${name}`, value)),
    Rate: make("rate", (name, value) => named().count(`k6.${name}.${value !== 0}`))
  }
}

const data: Make = (vu, { arrays }) => {
  const make = (name: string, fill: unknown): ReadonlyArray<unknown> => {
    vu.declaring("SharedArray")
    const present = arrays.get(name)
    if (present !== undefined) return present
    const made: unknown = isCallback(fill) ? fill() : undefined
    if (!Array.isArray(made)) throw new TypeError(`SharedArray ${name}: its function gave no array`)
    arrays.set(name, Object.freeze(made))
    return made
  }
  // `new SharedArray(...)` gives the same array to every client.
  const SharedArray = new Proxy(class {}, { construct: (_, [name, fill]) => make(String(name), fill) })
  return { SharedArray }
}

const encoding: Make = () => {
  const bytes = (value: unknown) => (value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.from(String(value)))
  const kindOf = (kind: unknown): BufferEncoding => (String(kind ?? "").includes("url") ? "base64url" : "base64")
  return {
    b64encode: (value: unknown, kind?: unknown) => {
      const text = bytes(value).toString(kindOf(kind))
      return kind === "url" ? text + "=".repeat((4 - (text.length % 4)) % 4) : text
    },
    b64decode: (value: unknown, kind?: unknown, format?: unknown) => {
      const made = Buffer.from(String(value), kindOf(kind))
      return format === "s" ? made.toString() : new Uint8Array(made).buffer
    }
  }
}

const ALGORITHMS = ["md5", "sha1", "sha256", "sha384", "sha512"]

const outputOf = (bytes: Buffer, kind: unknown): unknown => {
  if (kind === "binary") return new Uint8Array(bytes).buffer
  if (kind === "base64" || kind === "base64url" || kind === "hex") return bytes.toString(kind)
  if (kind === "base64rawurl") return bytes.toString("base64url")
  throw new TypeError(`${String(kind)}: expected hex, base64, base64url, base64rawurl or binary`)
}

const crypto: Make = () => {
  const input = (value: unknown) => (value instanceof ArrayBuffer ? Buffer.from(value) : String(value))
  const hasher = (hash: Hash | Hmac) => ({
    update: (value: unknown) => void hash.update(input(value)),
    digest: (kind: unknown) => outputOf(hash.digest(), kind)
  })
  const hash = (name: string) => (value: unknown, kind: unknown) =>
    outputOf(createHash(name).update(input(value)).digest(), kind)
  return {
    ...Object.fromEntries(ALGORITHMS.map((name) => [name, hash(name)])),
    hmac: (name: unknown, key: unknown, value: unknown, kind: unknown) =>
      outputOf(createHmac(String(name), input(key)).update(input(value)).digest(), kind),
    createHash: (name: unknown) => hasher(createHash(String(name))),
    createHMAC: (name: unknown, key: unknown) => hasher(createHmac(String(name), input(key))),
    randomBytes: (size: unknown) => new Uint8Array(randomBytes(Number(size))).buffer
  }
}

export const timers = (vu: Vu) => ({
  setTimeout: (act: unknown, delay: unknown, ...given: ReadonlyArray<unknown>) => vu.setTimer(act, delay, false, given),
  setInterval: (act: unknown, delay: unknown, ...given: ReadonlyArray<unknown>) => vu.setTimer(act, delay, true, given),
  clearTimeout: (id: unknown) => vu.clearTimer(id),
  clearInterval: (id: unknown) => vu.clearTimer(id)
})

/** What JavaScript itself reads of an object, when it is awaited or made JSON. */
const LANGUAGE_KEYS = new Set(["then", "toJSON"])

/** An object that throws for what k6 has in it and this program does not know, since `undefined` would be taken for a value. */
const only = (name: string, known: object): object =>
  new Proxy(known, {
    get: (target, key, self) => {
      if (typeof key === "string" && !(key in target) && !LANGUAGE_KEYS.has(key))
        throw new Error(`${name}.${key} is not available here`)
      return Reflect.get(target, key, self)
    }
  })

const execution: Make = (vu) => {
  const scenario = (what: string) => {
    vu.running(`exec.scenario.${what}`)
    return vu.scenario
  }
  const elapsed = (what: string) => vu.running(what).client.now()
  return {
    vu: only("exec.vu", {
      idInTest: vu.number,
      idInInstance: vu.number,
      get iterationInScenario() {
        return vu.iterations
      },
      get iterationInInstance() {
        return vu.iterations
      },
      tags: {},
      metrics: { tags: {}, metadata: {} }
    }),
    scenario: only("exec.scenario", {
      get name() {
        return scenario("name").name
      },
      get startTime() {
        return Math.round(Date.now() - elapsed("exec.scenario.startTime"))
      },
      get iterationInTest() {
        return scenario("iterationInTest").inTest
      },
      get iterationInInstance() {
        return scenario("iterationInInstance").here
      }
    }),
    instance: only("exec.instance", {
      get currentTestRunDuration() {
        return elapsed("exec.instance.currentTestRunDuration")
      }
    }),
    test: only("exec.test", {
      abort: (message: unknown = "") => {
        throw new Aborted(`the script aborts the test: ${String(message)}`)
      },
      fail: (message: unknown = "") => {
        throw new Aborted(`the script fails the test: ${String(message)}`)
      }
    })
  }
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz"

const utils: Make = () => ({
  uuidv4: () => randomUUID(),
  randomIntBetween: (from: unknown, to: unknown) =>
    Math.floor(Math.random() * (Number(to) - Number(from) + 1)) + Number(from),
  randomItem: (items: unknown) => (Array.isArray(items) ? items[Math.floor(Math.random() * items.length)] : undefined),
  randomString: (length: unknown, letters: unknown = LETTERS) =>
    Array.from({ length: Number(length) }, () =>
      String(letters).charAt(Math.floor(Math.random() * String(letters).length))
    ).join(""),
  findBetween: (text: unknown, from: unknown, to: unknown) => {
    const begin = String(text).indexOf(String(from)) + String(from).length
    return String(text).slice(begin, String(text).indexOf(String(to), begin))
  },
  parseDuration: (text: unknown) => parseTimeSpan(String(text))
})

const papaparse: Make = () => {
  const parse = (text: unknown, settings: unknown): object => {
    const columns = Predicate.isRecord(settings) && settings["header"] === true
    const data = parseCsv(String(text), { bom: true, columns, relax_column_count: true, skip_empty_lines: true })
    return { data, errors: [] }
  }
  return { parse }
}

const makers: Readonly<Record<string, Make>> = {
  k6,
  "k6/ws": ws,
  "k6/websockets": websockets,
  "k6/experimental/websockets": websockets,
  "k6/http": http,
  "k6/metrics": metrics,
  "k6/data": data,
  "k6/encoding": encoding,
  "k6/crypto": crypto,
  "k6/timers": timers,
  "k6/experimental/timers": timers,
  "k6/execution": execution
}

const libraries: ReadonlyArray<readonly [RegExp, Make]> = [
  [/\/k6-utils\/[\d.]+\/(?:index\.js)?$/, utils],
  [/\/papaparse\/[\d.]+\/(?:index\.js)?$/, papaparse]
]

/** The module of k6 with this name, which is its default export too; `undefined` if there is none here. */
export const builtIn = (name: string): Make | undefined => {
  const make = Object.hasOwn(makers, name) ? makers[name] : libraries.find(([pattern]) => pattern.test(name))?.[1]
  return (
    make &&
    ((vu, shared) => {
      const module = make(vu, shared)
      return { ...module, default: module }
    })
  )
}
