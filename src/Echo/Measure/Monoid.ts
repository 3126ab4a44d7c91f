/** How results are put together: the result of nothing, and that of two together, field by field. */
export interface Monoid<A> {
  readonly empty: A
  readonly combine: (a: A, b: A) => A
}

export const sum: Monoid<number> = { empty: 0, combine: (a, b) => a + b }

/** The greater one. Nothing counts as 0. */
export const max: Monoid<number> = { empty: 0, combine: Math.max }

/** Whether it is so for one of them. */
export const some: Monoid<boolean> = { empty: false, combine: (a, b) => a || b }

export const list = <A>(): Monoid<ReadonlyArray<A>> => ({ empty: [], combine: (a, b) => [...a, ...b] })

/** `undefined` if none has it. */
export const optional = <A>(combine: (a: A, b: A) => A): Monoid<A | undefined> => ({
  empty: undefined,
  combine: (a, b) => (a === undefined || b === undefined ? (a ?? b) : combine(a, b))
})

/** The members of the same name together. */
export const record = <A>(combine: (a: A, b: A) => A): Monoid<Readonly<Record<string, A>>> => ({
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

export const struct = <A extends object>(fields: { readonly [K in keyof A]-?: Monoid<A[K]> }): Monoid<A> => {
  const names: Array<keyof A> = []
  for (const name in fields) names.push(name)
  // Each name has the value of its own field.
  const of = (make: <K extends keyof A>(name: K) => A[K]) =>
    Object.fromEntries(names.map((name) => [name, make(name)])) as A
  return {
    empty: of((name) => fields[name].empty),
    combine: (a, b) => of((name) => fields[name].combine(a[name], b[name]))
  }
}
