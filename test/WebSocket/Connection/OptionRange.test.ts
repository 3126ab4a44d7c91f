import { describe, expect, it } from "vitest"
import { problemOf } from "../../../src/WebSocket/Connection/OptionRange.ts"

describe("OptionRange", () => {
  it.each([
    [{}],
    [{ port: 0, drain: 0, backlog: 1, maxHeader: 1 }],
    [{ port: 65_535, maxPayload: Infinity, maxRate: 0.5, timeout: Infinity }],
    [{ maxRate: undefined, host: "localhost", pages: -1 }]
  ])("%o is right", (options) => {
    expect(problemOf(options)).toBeUndefined()
  })

  it.each([
    [{ port: 65_536 }, "the option port is 65536: expected a whole number from 0 to 65535; 0 is any free port"],
    [{ localPort: 99_999 }, /localPort is 99999: expected a whole number from 0 to 65535/],
    [{ port: 1.5 }, /port is 1.5/],
    [{ port: "80" }, /port is "80"/],
    [{ maxPayload: 0 }, /maxPayload is 0: expected a number of bytes above 0/],
    [{ maxQueued: Number.NaN }, /maxQueued is NaN/],
    [{ maxRate: -1 }, /maxRate is -1: expected messages a second above 0/],
    [{ drain: -1 }, /drain is -1/],
    [{ drain: Infinity }, /drain is Infinity/],
    [{ handshakeTimeout: 0 }, /handshakeTimeout is 0/],
    [{ handshakeTimeout: 1500.5 }, /handshakeTimeout is 1500.5: expected a whole number of milliseconds above 0/],
    [{ answerTimeout: Infinity }, /answerTimeout is Infinity: expected milliseconds above 0, up to 2147483647/],
    [{ maxPending: null }, /maxPending is null/],
    [{ port: 80, backlog: 0 }, /backlog is 0/]
  ])("%o is not", (options, problem) => {
    expect(problemOf(options)).toMatch(problem)
  })
})
