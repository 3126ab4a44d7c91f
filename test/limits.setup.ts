/** Runs before each test file, so that the limits are those of the load at this time. */
import { vi } from "vitest"
import { testLimit } from "./limits.ts"

vi.setConfig({ testTimeout: testLimit(), hookTimeout: testLimit() })
