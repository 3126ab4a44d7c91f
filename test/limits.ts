/**
 * The only limits of the tests. Nothing correct takes that long, so a test that exceeds one has come to a standstill. A machine that has more
 * to do than it has processors does everything more slowly, so there they are longer.
 */
import { availableParallelism, loadavg } from "node:os"

/** How many processes want each processor: at least 1. */
const crowding = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism())

/** Milliseconds in which a state that a test awaits must come. */
export const stateLimit = (): number => 60_000 * crowding()

/** Milliseconds for a whole test or hook: several states may come late. */
export const testLimit = (): number => 300_000 * crowding()
