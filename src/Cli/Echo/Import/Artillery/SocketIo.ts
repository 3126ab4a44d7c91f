/** Converts the steps of Artillery's `socketio` engine to those of `protocol: socket.io`. */
import * as Either from "effect/Either"
import * as JsonPath from "../../../../Echo/Scenario/JsonPath.ts"
import { isObject } from "../Json.ts"
import type { Field } from "./Field.ts"
import { convert, convertJson, type Meaning } from "./Templates.ts"

/** Steps of the protocol. They are checked when the scenario is read. */
type SocketIoStep = Readonly<Record<string, unknown>>

const MATCH = new Set(["json", "value"])

const noteUnread = (field: Field, read: ReadonlyArray<string>): void => {
  for (const [name, member] of field.members)
    if (!read.includes(name)) member.refuse(`${name} has no counterpart: expected ${read.join(", ")}`)
}

/** Puts a value at its path: `[0, "a"]` and 1 become `[{a: 1}]`. */
const within = (path: JsonPath.JsonPath, value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => {
    if (typeof key !== "number") return { [key]: inner }
    return [...Array.from({ length: key }, () => null), inner]
  }, value)

const merged = (a: unknown, b: unknown): unknown => {
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.max(a.length, b.length)
    return Array.from({ length }, (_, at) => merged(a[at] ?? null, b[at] ?? null))
  }
  if (!isObject(a) || !isObject(b)) return b ?? a
  return { ...a, ...Object.fromEntries(Object.entries(b).map(([key, value]) => [key, merged(a[key], value)])) }
}

/** `$.0.id` is `$[0].id` here. */
const pathOf = (field: Field): JsonPath.JsonPath | undefined =>
  Either.getOrElse(JsonPath.parse((field.text ?? "").replaceAll(/\.(\d+)(?=\.|\[|$)/g, "[$1]")), (problem) =>
    field.refuse(problem)
  )

const textOf = (path: JsonPath.JsonPath): string =>
  `$${path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("")}`

export class SocketIoSteps {
  readonly #names: Map<string, Meaning>
  readonly #namespaces = new Set<string>()

  constructor(names: Map<string, Meaning>) {
    this.#names = names
  }

  /** The steps before all others: the client joins every namespace that the script uses. */
  get joins(): ReadonlyArray<SocketIoStep> {
    return [...this.#namespaces].map((namespace) => ({ join: { namespace } }))
  }

  /** The steps for one of the script; `undefined` if it is none of this engine. */
  step(field: Field): ReadonlyArray<SocketIoStep> | undefined {
    const emit = field.member("emit")
    if (emit === undefined) return undefined
    noteUnread(field, ["emit", "acknowledge", "response", "namespace", "name"])
    if (emit.isObject) noteUnread(emit, ["channel", "data", "namespace", "acknowledge", "response"])
    const member = (name: string) => (emit.isObject ? emit.member(name) : undefined) ?? field.member(name)
    const [first, ...args] = Array.isArray(emit.value) ? emit.entries : [emit.isObject ? emit.member("channel") : emit]
    if (first?.text === undefined) return emit.refuse("an emit needs its channel") ?? []
    const given = emit.isObject ? emit.member("data") : undefined
    const all = given === undefined ? args.filter((each) => each !== undefined) : [given]
    const namespace = this.#text(member("namespace"))
    const place = namespace === undefined || namespace === "/" ? {} : { namespace }
    if (namespace !== undefined && namespace !== "/") this.#namespaces.add(namespace)
    const acknowledge = member("acknowledge")
    const response = member("response")
    return [
      {
        emit: {
          event: this.#text(first),
          ...(all.length === 0 ? {} : { args: all.map((each) => convertJson(each, each.value, this.#names)) }),
          ...place,
          ...(acknowledge === undefined ? {} : this.#acknowledge(acknowledge))
        }
      },
      ...(response === undefined ? [] : [{ event: { ...this.#response(response), ...place } }])
    ]
  }

  #text(field: Field | undefined): string | undefined {
    return field?.text === undefined ? undefined : convert(field, field.text, this.#names)
  }

  #acknowledge(field: Field): SocketIoStep {
    noteUnread(field, ["data", "args", "match", "capture"])
    const values = this.#values(field)
    return { ack: values ?? true, ...this.#capture(field, (path) => path) }
  }

  #response(field: Field): SocketIoStep {
    noteUnread(field, ["channel", "on", "data", "args", "match", "capture"])
    const name = field.member("channel") ?? field.member("on")
    if (name === undefined) field.refuse("a response needs its channel")
    const values = this.#values(field)
    return {
      event: this.#text(name),
      ...(values === undefined ? {} : { args: values }),
      // The name of the event comes before its values.
      ...this.#capture(field, ([first, ...path]) =>
        typeof first === "number" ? [first + 1, ...path] : [1, ...(first === undefined ? [] : [first]), ...path]
      )
    }
  }

  /** The values that must come; `undefined` if nothing is said of them. */
  #values(field: Field): ReadonlyArray<unknown> | undefined {
    const [args, data, match] = [field.member("args"), field.member("data"), field.member("match")]
    let values: unknown
    if (args !== undefined) values = args.entries.map((each) => convertJson(each, each.value, this.#names))
    if (data !== undefined) values = [convertJson(data, data.value, this.#names)]
    for (const spec of match?.entries ?? []) {
      const [json, value] = [spec.member("json"), spec.member("value")]
      const other = spec.members.find(([name]) => !MATCH.has(name))
      if (other !== undefined || json === undefined || value === undefined) {
        spec.refuse("a match needs json and value, and has no other counterpart")
        continue
      }
      const path = pathOf(json)
      if (path === undefined) continue
      // A path that begins with a name is one in the first value.
      const whole = typeof path[0] === "number" ? path : [0, ...path]
      if (whole.some((key, at) => typeof key === "number" && (at > 0 || key > 0)))
        json.refuse("only a path in the first value has a counterpart")
      values = merged(values, within(whole, convertJson(value, value.value, this.#names)))
    }
    return Array.isArray(values) ? values : undefined
  }

  #capture(field: Field, place: (path: JsonPath.JsonPath) => JsonPath.JsonPath): SocketIoStep {
    const captures = (field.member("capture")?.entries ?? []).flatMap((spec) => {
      noteUnread(spec, ["json", "as"])
      const [as, json] = [spec.member("as")?.text, spec.member("json")]
      if (as === undefined || json === undefined) return spec.refuse("a capture needs json and as") ?? []
      const path = pathOf(json)
      this.#names.set(as, { name: as })
      return path === undefined ? [] : [[as, textOf(place(path))] as const]
    })
    return captures.length === 0 ? {} : { capture: Object.fromEntries(captures) }
  }
}
