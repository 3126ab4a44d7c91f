/** The tests of the example of tests, from the source. test/Package.test.ts runs them as they are when they are copied out. */
import "../../examples/testing/Reminders.test.ts"
