/** The meaning of names in a k6 script. */
import type { ArrowFunctionExpression, Expression, FunctionDeclaration, FunctionExpression } from "acorn"

export type AnyFunction = ArrowFunctionExpression | FunctionDeclaration | FunctionExpression

export type Binding =
  /** A value that is computed once, where it is declared. */
  | { readonly _tag: "Value"; readonly init: Expression; readonly scope: Scope }
  | { readonly _tag: "Function"; readonly node: AnyFunction; readonly scope: Scope }
  /** An import from a module of k6 or from its library. `name` is the exported name, `*` the whole module. */
  | { readonly _tag: "Import"; readonly module: string; readonly name: string }
  | { readonly _tag: "Socket" }
  /** The event of a message, whose member `data` is the message. */
  | { readonly _tag: "Event" }
  /** A message, or a place in its JSON. */
  | { readonly _tag: "Reply"; readonly path: ReadonlyArray<string> | undefined }
  /** A value that changes while the script runs or that has no counterpart. */
  | { readonly _tag: "Unknown" }

export class Scope {
  readonly #own = new Map<string, Binding>()
  readonly #outer: Scope | undefined
  readonly #changing: ReadonlySet<string>

  /** `changing` has the names that are assigned again while the script runs. */
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
