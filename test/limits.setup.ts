/** Runs before each test file, so that the limits are those of the load at this time. */
import { vi } from "vitest"
import { getCurrentTest } from "vitest/suite"
import { testLimit } from "./limits.ts"
import { skipBy } from "./need.ts"

vi.setConfig({ testTimeout: testLimit(), hookTimeout: testLimit() })
skipBy((note) => getCurrentTest()?.context.skip(note))

// A runner that is killed can't end its workers, and a test that waits would keep its worker, its browser and its servers for ever.
// vitest replaces `process.exit` by a function that throws, so the worker ends itself by a signal.
if (process.listenerCount("disconnect") === 0) process.once("disconnect", () => process.kill(process.pid, "SIGKILL"))
