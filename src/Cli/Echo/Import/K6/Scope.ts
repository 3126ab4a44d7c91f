/** The meaning of the names of a k6 script where they are used. */
import type { ArrowFunctionExpression, Expression, FunctionDeclaration, FunctionExpression } from "acorn"

export type AnyFunction = ArrowFunctionExpression | FunctionDeclaration | FunctionExpression

export type Binding =
  /** A value, computed once where it is declared. */
  | { readonly _tag: "Value"; readonly init: Expression; readonly scope: Scope }
  | { readonly _tag: "Function"; readonly node: AnyFunction; readonly scope: Scope }
  /** Of a module of k6, or of its library: `name` is what the module calls it, `*` all of it. */
  | { readonly _tag: "Import"; readonly module: string; readonly name: string }
  | { readonly _tag: "Socket" }
  /** The event that brings a message: `data` is its member. */
  | { readonly _tag: "Event" }
  /** A message, or the place in its JSON. */
  | { readonly _tag: "Reply"; readonly path: ReadonlyArray<string> | undefined }
  /** Changes while the script runs, or is made by what has no counterpart. */
  | { readonly _tag: "Unknown" }

export class Scope {
  readonly #own = new Map<string, Binding>()
  readonly #outer: Scope | undefined
  readonly #changing: ReadonlySet<string>

  /** `changing`: the names that get another value while the script runs. */
  constructor(changing: ReadonlySet<string>, outer?: Scope) {
    this.#changing = changing
    this.#outer = outer
  }

  set(name: string, binding: Binding): void {
    this.#own.set(name, binding._tag === "Value" && this.#changing.has(name) ? { _tag: "Unknown" } : binding)
  }

  get(name: string): Binding | undefined {
    return this.#own.get(name) ?? this.#outer?.get(name)
  }

  get inner(): Scope {
    return new Scope(this.#changing, this)
  }
}
