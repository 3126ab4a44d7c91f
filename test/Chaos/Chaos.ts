/** The settings of the chaos tests, and their random numbers, which a seed repeats. */

/** Whether this is `npm run chaos` and not a short run within all tests. */
export const isLong = process.env["EFFECT_C10K_CHAOS"] === "long"

/** `EFFECT_C10K_SEED`, or a new seed each time. A failing test must print it. */
export const seed = Number(process.env["EFFECT_C10K_SEED"] ?? Math.floor(Math.random() * 2 ** 32))

/** A generator of random numbers in [0, 1) with a seed (mulberry32, by Tommy Ettinger, in the public domain). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
