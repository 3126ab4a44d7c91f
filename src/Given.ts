/**
 * The options that have a value. What a program gives as `undefined` is not given, so its default counts: programs whose
 * compiler allows that write `{ maxQueued: config.maxQueued }`.
 */
export const given = <A extends object>(options: A | undefined): A =>
  // `Object.fromEntries` forgets which members there are.
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as A
