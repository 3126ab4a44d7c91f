/** A field of a YAML or JSON script, with its value, path and line. */
import * as Either from "effect/Either"
import * as YamlText from "../../../../Echo/Scenario/YamlText.ts"
import type { Findings } from "../Conversion.ts"
import { isObject } from "../Json.ts"

interface Script {
  readonly lineOf: YamlText.YamlText["lineOf"]
  readonly findings: Findings
}

type Path = ReadonlyArray<string | number>

export class Field {
  readonly value: unknown
  readonly #path: Path
  readonly #script: Script

  constructor(value: unknown, path: Path, script: Script) {
    this.value = value
    this.#path = path
    this.#script = script
  }

  /** The member with this name; `undefined` if there is none or it is null. */
  member(name: string): Field | undefined {
    return this.members.find(([key]) => key === name)?.[1]
  }

  get isObject(): boolean {
    return isObject(this.value)
  }

  get members(): ReadonlyArray<readonly [name: string, field: Field]> {
    return Object.entries(isObject(this.value) ? this.value : {}).flatMap(([key, entry]) =>
      entry === null ? [] : [[key, new Field(entry, [...this.#path, key], this.#script)] as const]
    )
  }

  /** The entries of a list. A single value counts as a list with one entry. */
  get entries(): ReadonlyArray<Field> {
    return Array.isArray(this.value)
      ? this.value.map((entry, index) => new Field(entry, [...this.#path, index], this.#script))
      : [this]
  }

  /** The value as text, if it is a text, a number or a boolean. */
  get text(): string | undefined {
    return ["string", "number", "boolean"].includes(typeof this.value) ? String(this.value) : undefined
  }

  refuse(message: string): undefined {
    this.#script.findings.refuse(this.#script.lineOf(this.#path), message)
  }

  note(message: string): undefined {
    this.#script.findings.note(this.#script.lineOf(this.#path), message)
  }

  allow(names: ReadonlyArray<string>, why: (name: string) => string): void {
    for (const [name, field] of this.members) if (!names.includes(name)) field.refuse(why(name))
  }
}

/** Reads a whole script. On the left: the line and the reason of an error. */
export const read = (text: string, findings: Findings): Either.Either<Field, YamlText.Mistake> =>
  Either.filterOrLeft(
    Either.map(YamlText.read(text), ({ lineOf, value }) => new Field(value, [], { lineOf, findings })),
    ({ isObject }) => isObject,
    () => ({ line: 1, message: "expected an object with config and scenarios" })
  )
