/** Writes the steps and rules of a protocol into a scenario, before the scenario is decoded. */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import { messageOf } from "../../Text/Thrown.ts"
import type { Protocol, ProtocolOptions } from "./Protocol.ts"
import type { Path } from "./SchemaProblem.ts"
import * as SchemaProblem from "./SchemaProblem.ts"
import { fieldNames, type Place, type StepEncoded } from "./Step.ts"

type Members = Readonly<Record<string, unknown>>

class Wrong extends Data.Error<SchemaProblem.Problem> {}

/** Calls a function of the protocol, which throws an `Error` if the file is wrong at this place. */
const call = <A>(path: Path, make: () => A): A => {
  try {
    return make()
  } catch (error) {
    throw new Wrong({ path, message: messageOf(error) })
  }
}

const isReply = ({ expect, until }: StepEncoded): boolean => expect !== undefined || until !== undefined

/** A step that waits for the answer to the message of this name. */
const answering = ({ expect, until, ...others }: StepEncoded, name: unknown): object => {
  const named = (given: unknown) => ({
    answers: name,
    ...(typeof given === "string" ? { exact: given } : Object(given))
  })
  return expect === undefined ? { ...others, until: named(until) } : { ...others, expect: named(expect) }
}

const LISTS = new Set(["steps", "else"])

/** Steps that may stand before the client connects. */
const BEFORE = ["http", "set", "wait", "if"]

const isEarly = (one: unknown): boolean =>
  Predicate.isRecord(one) && Object.keys(one).some((key) => BEFORE.includes(key))

/** A step in place of one of the file, and the step that made it, if a step of the protocol did. */
interface Made {
  readonly one: unknown
  readonly maker: Place | undefined
}

const placed = (step: object, maker: Place): Made => ({ one: { ...step, place: maker }, maker })

/** What failures call the steps with which the protocol begins. */
const BEGINNING = { number: 0, name: "the beginning of the protocol" }

class Expansion {
  /** The places in the file of the steps that were made, by their new places. */
  readonly origins = new Map<string, Path>()
  /** The number of the last step of the file. */
  #number = 0
  readonly #protocol: Protocol
  readonly #options: ProtocolOptions

  constructor(protocol: Protocol, options: ProtocolOptions) {
    this.#protocol = protocol
    this.#options = options
  }

  #ownOf(given: Members): string | undefined {
    return Object.keys(given).find((key) => this.#protocol.steps?.[key] !== undefined)
  }

  begin(path: Path): ReadonlyArray<StepEncoded> {
    return call(path, () => this.#protocol.begin?.(this.#options) ?? [])
  }

  /** The steps in place of one, each with what failures call it. `around` is the step that made this one; absent if the file has it. */
  #one(given: unknown, path: Path, around: Place | undefined): ReadonlyArray<Made> {
    if (!Predicate.isRecord(given)) return [{ one: given, maker: around }]
    const own = this.#ownOf(given)
    const { name = own } = given
    const place = around ?? { number: ++this.#number, ...(typeof name === "string" ? { name } : {}) }
    if (own !== undefined) return this.#own(given, own, path).map((one) => placed(one, place))
    const unknown = Object.keys(given).find((key) => !fieldNames.includes(key))
    if (unknown !== undefined) {
      const known = [...Object.keys(this.#protocol.steps ?? {}), ...fieldNames]
      throw new Wrong({ path: [...path, unknown], message: SchemaProblem.unknownField(unknown, known) })
    }
    const step = { one: { ...given, place }, maker: around }
    return "reconnect" in given ? [step, ...this.begin(["protocol"]).map((one) => placed(one, BEGINNING))] : [step]
  }

  #own(given: Members, own: string, path: Path): ReadonlyArray<object> {
    const { name, [own]: value, ...others } = given
    const [other] = Object.keys(others)
    if (other !== undefined)
      throw new Wrong({ path: [...path, other], message: `expected only name beside ${own}, a step of the protocol` })
    const made = call([...path, own], () => this.#protocol.steps?.[own]?.(value, this.#options) ?? [])
    if (name === undefined) return made
    const sends = made.findIndex(({ send }) => send !== undefined)
    const at = Math.max(0, sends)
    // Replies without a key are paired by the name, so that its figure is the time until the reply.
    const isKeyed = typeof this.#protocol.replies === "object"
    const reply = isKeyed ? -1 : made.findIndex((one, index) => index > at && isReply(one))
    return made.map((one, index) => {
      if (index === reply) return answering(one, name)
      return index === at ? { ...one, name } : one
    })
  }

  /** The steps of a list at the top of the file, or of a scenario in it. */
  top(given: unknown, path: Path, begin: ReadonlyArray<StepEncoded>): unknown {
    this.#number = 0
    return Array.isArray(given) ? this.#list(given, path, path, begin) : given
  }

  /** Expands the lists of steps inside a step of the file. */
  #inside(value: unknown, from: Path, to: Path, around: Place | undefined): unknown {
    const inside = (each: unknown, key: PropertyKey) => this.#inside(each, [...from, key], [...to, key], around)
    if (Array.isArray(value)) return value.map(inside)
    if (!Predicate.isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        LISTS.has(key) && Array.isArray(each)
          ? this.#list(each, [...from, key], [...to, key], [], around)
          : inside(each, key)
      ])
    )
  }

  #list(
    given: ReadonlyArray<unknown>,
    from: Path,
    to: Path,
    begin: ReadonlyArray<StepEncoded>,
    around?: Place
  ): ReadonlyArray<unknown> {
    const made: Array<unknown> = []
    const end = given.findIndex((one) => !isEarly(one))
    const first =
      given.slice(0, end < 0 ? given.length : end).findLastIndex((one) => Predicate.isRecord(one) && "http" in one) + 1
    const add = (one: unknown, path: Path) => {
      this.origins.set(JSON.stringify([...to, made.length]), path)
      made.push(one)
    }
    for (const [index, each] of [...given, undefined].entries()) {
      if (index === first) for (const one of begin) add(placed(one, BEGINNING).one, ["protocol"])
      if (index === given.length) break
      const path = [...from, index]
      for (const { maker, one } of this.#one(each, path, around))
        add(this.#inside(one, path, [...to, made.length], maker), path)
    }
    return made
  }
}

/** The scenario without its protocol, and the place in the file of each place in it. */
export interface Expanded {
  readonly value: unknown
  readonly placeOf: (path: Path) => Path
}

export const isUsed = (file: unknown): file is Members & { readonly protocol: unknown } =>
  Predicate.isRecord(file) && file["protocol"] !== undefined

/** Whether a value is a protocol, as far as that can be said before it is used. */
export const isProtocol = (value: unknown): value is Protocol =>
  Predicate.isRecord(value) &&
  (value["begin"] === undefined || typeof value["begin"] === "function") &&
  (value["steps"] === undefined ||
    (Predicate.isRecord(value["steps"]) && Object.values(value["steps"]).every((step) => typeof step === "function")))

/** The name or file of the protocol of a scenario, and its options. */
export const usedBy = (file: {
  readonly protocol: unknown
}): Either.Either<{ name: string; options: ProtocolOptions }, SchemaProblem.Problem> => {
  const { protocol } = file
  if (typeof protocol === "string") return Either.right({ name: protocol, options: {} })
  const name = Predicate.isRecord(protocol) ? protocol["name"] : undefined
  return Predicate.isRecord(protocol) && typeof name === "string"
    ? Either.right({ name, options: Object.fromEntries(Object.entries(protocol).filter(([key]) => key !== "name")) })
    : Either.left({ path: ["protocol"], message: "expected the name of a protocol, or a file that exports one" })
}

const connectOf = (file: Members, { connect = {} }: Protocol): Members => {
  const own = Predicate.isRecord(file["connect"]) ? file["connect"] : {}
  const { query } = own
  return { ...connect, ...own, ...(Predicate.isRecord(query) ? { query: { ...connect.query, ...query } } : {}) }
}

/** Without the members that are undefined, so that a field that the file does not have is missing. */
const given = (members: Members): Members => Record.filter(members, Predicate.isNotUndefined)

/** Writes the steps and rules of a protocol into a scenario, or a set of scenarios, as it was read from a file. */
export const expand = (
  file: Members,
  protocol: Protocol,
  options: ProtocolOptions
): Either.Either<Expanded, SchemaProblem.Problem> => {
  const expansion = new Expansion(protocol, options)
  const { protocol: _, on = [], every = {}, scenarios, setup, steps, teardown, ...others } = file
  try {
    const begin = expansion.begin(["protocol"])
    /** A `setup` or `teardown` begins like every conversation, if it needs a connection. */
    const once = (steps: unknown, name: string) =>
      expansion.top(steps, [name], Array.isArray(steps) && steps.every(isEarly) ? [] : begin)
    const rules = (on: unknown) => (Array.isArray(on) ? [...on, ...(protocol.on ?? [])] : on)
    const part = (one: unknown, index: number) =>
      Predicate.isRecord(one)
        ? given({
            ...one,
            on: rules(one["on"]),
            steps: expansion.top(one["steps"], ["scenarios", index, "steps"], begin)
          })
        : one
    const value = given({
      replies: protocol.replies,
      lines: protocol.lines === true ? true : undefined,
      ...others,
      connect: connectOf(file, protocol),
      on: rules(on),
      every: Predicate.isRecord(every) ? { ...protocol.every, ...every } : every,
      steps: expansion.top(steps, ["steps"], begin),
      setup: once(setup, "setup"),
      teardown: once(teardown, "teardown"),
      scenarios: Array.isArray(scenarios) ? scenarios.map(part) : scenarios
    })
    return Either.right({ value, placeOf: (path) => placeIn(expansion.origins, path) })
  } catch (error) {
    if (error instanceof Wrong) return Either.left(error)
    throw error
  }
}

/** The longest known beginning of a path decides. What a protocol made is at the place of its step. */
const placeIn = (origins: ReadonlyMap<string, Path>, path: Path): Path => {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(JSON.stringify(path.slice(0, length)))
    if (origin !== undefined) return [...origin, ...path.slice(length)]
  }
  return path
}
