/** Runs before each test file, so that the limits are those of the load at this time. */
import { afterEach, vi } from "vitest"
import { getCurrentTest } from "vitest/suite"
import { testLimit } from "./limits.ts"
import { skipBy } from "./need.ts"

vi.setConfig({ testTimeout: testLimit(), hookTimeout: testLimit() })
// Tests of pure code can keep this process for a minute in all on a busy machine. The runner's answers are read between them, or it takes
// this process for lost.
const turn = setImmediate
afterEach(() => new Promise<void>((resolve) => void turn(resolve)))
skipBy((note) => getCurrentTest()?.context.skip(note))

// A runner that is killed can't end its workers, and a test that waits would keep its worker, its browser and its servers for ever.
// vitest replaces `process.exit` by a function that throws, so the worker ends itself by a signal.
if (process.listenerCount("disconnect") === 0) process.once("disconnect", () => process.kill(process.pid, "SIGKILL"))
