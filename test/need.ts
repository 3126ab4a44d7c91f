/** Skips a test that needs a program which this machine does not have. `npm test` counts these tests and names the packages. */
import { isMissing } from "../scripts/Debian.ts"

let skip: (note: string) => void = () => {}

/** `limits.setup.ts` says how the current test is skipped. Programs that run outside of vitest can't load its modules. */
export const skipBy = (f: (note: string) => void): void => {
  skip = f
}

/** Ends the current test as skipped if this package of Debian is missing. Does nothing outside of a test, as in a `beforeAll`. */
export const need = (debianPackage: string): void => {
  if (isMissing(debianPackage)) skip(`needs Debian's ${debianPackage}`)
}

/** Ends the current test as skipped, because a program of this package of Debian is missing and can't be had. */
export const skipWithout = (debianPackage: string): void => skip(`needs Debian's ${debianPackage}`)
