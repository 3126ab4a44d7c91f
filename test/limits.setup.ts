/** Runs before each test file, so that the limits are those of the load at this time. */
import { vi } from "vitest"
import { getCurrentTest } from "vitest/suite"
import { testLimit } from "./limits.ts"
import { skipBy } from "./need.ts"

vi.setConfig({ testTimeout: testLimit(), hookTimeout: testLimit() })
skipBy((note) => getCurrentTest()?.context.skip(note))
