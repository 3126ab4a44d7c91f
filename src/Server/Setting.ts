/**
 * The declaration of a setting. It has all that anybody needs to know of it: what values it takes, its default, the option of
 * `serve`, and the text of the help and the reference.
 */
import * as Kind from "../Text/Kind.ts"

interface Common<out A> {
  /** The name of the option: `max-pending`. */
  readonly flag: string
  readonly description: string
  readonly fallback: A
  /** The default in words, if it is not the same value for every server. */
  readonly shown?: string
}

export interface One<A> extends Common<A> {
  readonly _tag: "One"
  readonly kind: Kind.Kind<A>
}

/** A setting without a default of its own: what makes the server computes it. */
export interface Computed<A> extends Common<undefined> {
  readonly _tag: "Computed"
  readonly kind: Kind.Kind<A>
}

/** A setting with any number of values. Its environment variable separates them by commas. */
export interface Many<A> extends Common<ReadonlyArray<A>> {
  readonly _tag: "Many"
  readonly kind: Kind.Kind<A>
}

/** A setting that is on or off. It is off by default. */
export interface Switch extends Common<boolean> {
  readonly _tag: "Switch"
}

export type Value<S> =
  S extends One<infer A> ? A : S extends Computed<infer A> ? A : S extends Many<infer A> ? ReadonlyArray<A> : boolean

type Texts = readonly [flag: string, description: string]

/** `shown` is the default in words, where the value says little. */
export const one = <A>(
  kind: Kind.Kind<A>,
  fallback: A,
  ...[flag, description, shown]: [...Texts, shown?: string]
): One<A> => ({ ...{ _tag: "One", kind, fallback, flag, description }, ...(shown === undefined ? {} : { shown }) })

export const count = (fallback: number, ...given: Texts): One<number> => one(Kind.whole(1), fallback, ...given)

export const computed = <A>(kind: Kind.Kind<A>, shown: string, ...[flag, description]: Texts): Computed<A> => ({
  ...{ _tag: "Computed", kind, shown, fallback: undefined, flag, description }
})

export const many = <A>(kind: Kind.Kind<A>, ...[flag, description]: Texts): Many<A> => ({
  ...{ _tag: "Many", kind, fallback: [], flag, description }
})

export const onOff = (...[flag, description]: Texts): Switch => ({ _tag: "Switch", fallback: false, flag, description })

/** Settings that help and reference list under one title. */
export const inGroup = <S extends Readonly<Record<string, Common<unknown>>>>(group: string, settings: S) =>
  // Each setting has the type that it had, and its group.
  Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, { ...setting, group }])) as {
    readonly [K in keyof S]: S[K] & { readonly group: string }
  }
