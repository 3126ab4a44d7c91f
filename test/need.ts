/** Skips a test that needs a program which this machine does not have. `npm test` counts these tests and names the packages. */
import { getCurrentTest } from "vitest/suite"
import { isMissing } from "../scripts/Debian.ts"

/** Ends the current test as skipped if this package of Debian is missing. Does nothing outside of a test, as in a `beforeAll`. */
export const need = (debianPackage: string): void => {
  if (isMissing(debianPackage)) getCurrentTest()?.context.skip(`needs Debian's ${debianPackage}`)
}
