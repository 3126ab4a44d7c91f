/** Converts the steps of Artillery's `socketio` engine to those of `protocol: socket.io`. */
import type * as JsonPath from "../../../../Echo/Scenario/JsonPath.ts"
import { merge, unlessEmpty, within } from "../Json.ts"
import type { Field } from "./Field.ts"
import * as Replies from "./Replies.ts"
import { convert, convertJson, type Meaning } from "./Templates.ts"

/** Steps of the protocol. They are checked when the scenario is read. */
type SocketIoStep = Readonly<Record<string, unknown>>

const allow = (field: Field, names: ReadonlyArray<string>): void =>
  field.allow(names, (name) => `${name} has no counterpart: expected ${names.join(", ")}`)

/** `$.0.id` is `$[0].id` here. */
const pathOf = (field: Field): JsonPath.JsonPath | undefined =>
  Replies.pathOf(field, (field.text ?? "").replaceAll(/\.(\d+)(?=\.|\[|$)/g, "[$1]"))

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
    allow(field, ["emit", "acknowledge", "response", "namespace", "name"])
    if (emit.isObject) allow(emit, ["channel", "data", "namespace", "acknowledge", "response"])
    const member = (name: string) => emit.member(name) ?? field.member(name)
    const [first, ...list] = emit.isObject ? [emit.member("channel")] : emit.entries
    if (first?.text === undefined) return emit.refuse("an emit needs its channel") ?? []
    const given = emit.member("data")
    const args = given === undefined ? list.filter((each) => each !== undefined) : [given]
    const named = convert(member("namespace"), this.#names)
    const namespace = named === "/" ? undefined : named
    if (namespace !== undefined) this.#namespaces.add(namespace)
    const [acknowledge, response] = [member("acknowledge"), member("response")]
    const event = convert(first, this.#names)
    return [
      {
        emit: {
          event,
          args: unlessEmpty(args.map((each) => convertJson(each, this.#names))),
          namespace,
          ...(acknowledge === undefined ? {} : this.#acknowledge(acknowledge))
        }
      },
      ...(response === undefined ? [] : [{ event: { ...this.#response(response), namespace } }])
    ]
  }

  #acknowledge(field: Field): SocketIoStep {
    allow(field, ["data", "args", "match", "capture"])
    return { ack: this.#values(field) ?? true, capture: this.#capture(field, (path) => path) }
  }

  #response(field: Field): SocketIoStep {
    allow(field, ["channel", "on", "data", "args", "match", "capture"])
    const name = field.member("channel") ?? field.member("on")
    if (name === undefined) field.refuse("a response needs its channel")
    return {
      event: convert(name, this.#names),
      args: this.#values(field),
      // The name of the event comes before its values.
      capture: this.#capture(field, ([first, ...path]) =>
        typeof first === "number" ? [first + 1, ...path] : [1, ...(first === undefined ? [] : [first]), ...path]
      )
    }
  }

  /** The values that must come; `undefined` if nothing is said of them. */
  #values(field: Field): ReadonlyArray<unknown> | undefined {
    const [args, data, match] = ["args", "data", "match"].map((name) => field.member(name))
    let values: unknown = args?.entries.map((each) => convertJson(each, this.#names))
    if (data !== undefined) values = [convertJson(data, this.#names)]
    for (const spec of match?.entries ?? []) {
      const [json, value] = [spec.member("json"), spec.member("value")]
      if (json === undefined || value === undefined || spec.members.length > 2) {
        spec.refuse("a match needs json and value, and has no other counterpart")
        continue
      }
      const path = pathOf(json)
      if (path === undefined) continue
      // A path that begins with a name is one in the first value.
      const whole = typeof path[0] === "number" ? path : [0, ...path]
      if (whole.some((key, at) => typeof key === "number" && (at > 0 || key > 0)))
        json.refuse("only a path in the first value has a counterpart")
      values = merge(values, within(whole, convertJson(value, this.#names)))
    }
    return Array.isArray(values) ? values : undefined
  }

  #capture(field: Field, place: (path: JsonPath.JsonPath) => JsonPath.JsonPath): object | undefined {
    const captures = (field.member("capture")?.entries ?? []).flatMap((spec) => {
      allow(spec, ["json", "as"])
      const [as, json] = [spec.member("as")?.text, spec.member("json")]
      if (as === undefined || json === undefined) return spec.refuse("a capture needs json and as") ?? []
      const path = pathOf(json)
      this.#names.set(as, { name: as })
      return path === undefined ? [] : [[as, textOf(place(path))] as const]
    })
    return unlessEmpty(Object.fromEntries(captures))
  }
}
