/** The fields of results: how each is written, the result of nothing, and how two are put together. */
import * as Schema from "effect/Schema"

export interface Monoid<A> {
  readonly empty: A
  readonly combine: (a: A, b: A) => A
}

export interface Field<S extends Schema.Schema.Any, A = Schema.Schema.Type<S>> extends Monoid<A> {
  readonly schema: S
}

export const add = (a: number, b: number): number => a + b

export const sum: Field<typeof Schema.Number> = { schema: Schema.Number, empty: 0, combine: add }

/** The greater one. Nothing counts as 0. */
export const max: Field<typeof Schema.Number> = { schema: Schema.Number, empty: 0, combine: Math.max }

/** Whether it is so for one of them. */
export const some: Field<typeof Schema.Boolean> = {
  schema: Schema.Boolean,
  empty: false,
  combine: (a, b) => a || b
}

export const list = <S extends Schema.Schema.Any>(
  schema: S,
  combine: Monoid<ReadonlyArray<Schema.Schema.Type<S>>>["combine"] = (a, b) => [...a, ...b]
): Field<Schema.Array$<S>, ReadonlyArray<Schema.Schema.Type<S>>> => ({
  schema: Schema.Array(schema),
  empty: [],
  combine
})

/** A field that is empty where it is not written. */
export const absent = <A, I>(field: Monoid<A> & { readonly schema: Schema.Schema<A, I> }) => ({
  ...field,
  schema: Schema.optionalWith(field.schema, { default: () => field.empty })
})

interface Optional<S extends Schema.Schema.Any> extends Monoid<Schema.Schema.Type<S> | undefined> {
  readonly schema: Schema.optional<S>
}

/** `undefined` if none has it. */
export const optional = <S extends Schema.Schema.Any>(
  schema: S,
  combine: Monoid<Schema.Schema.Type<S>>["combine"]
): Optional<S> => ({
  schema: Schema.optional(schema),
  empty: undefined,
  combine: (a, b) => (a === undefined || b === undefined ? (a ?? b) : combine(a, b))
})

/** The members of the same name together. */
export const record = <S extends Schema.Schema.All>(
  schema: S,
  combine: Monoid<Schema.Schema.Type<S>>["combine"]
): Field<Schema.Record$<typeof Schema.String, S>, Readonly<Record<string, Schema.Schema.Type<S>>>> => ({
  schema: Schema.Record({ key: Schema.String, value: schema }),
  empty: {},
  combine: (a, b) => {
    // A map and `fromEntries`, because a name may be one that all objects have, such as `constructor`.
    const all = new Map(Object.entries(a))
    for (const [name, value] of Object.entries(b)) {
      const before = all.get(name)
      all.set(name, before === undefined ? value : combine(before, value))
    }
    return Object.fromEntries(all)
  }
})

type Fields = Readonly<
  Record<
    string,
    {
      readonly schema: Schema.Struct.Field
      readonly empty: unknown
      readonly combine: (a: never, b: never) => unknown
    }
  >
>

type Schemas<F extends Fields> = { readonly [K in keyof F]: F[K]["schema"] }

type Values<F extends Fields> = Schema.Struct.Type<Schemas<F>>

export const struct = <F extends Fields>(fields: F): Field<Schema.Struct<Schemas<F>>, Values<F>> => {
  // Each name has what is made of its own field.
  const of = (make: (field: Fields[string], name: keyof Values<F>) => unknown) =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, make(field, name as keyof Values<F>)]))
  return {
    schema: Schema.Struct(of(({ schema }) => schema) as Schemas<F>),
    empty: of(({ empty }) => empty) as Values<F>,
    combine: (a, b) => of(({ combine }, name) => combine(a[name] as never, b[name] as never)) as Values<F>
  }
}
