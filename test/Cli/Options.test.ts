/** The values that options of `serve`, `demo` and `echo` refuse, and the messages. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Cli from "../../src/Cli/Cli.ts"
import * as Kind from "../../src/Text/Kind.ts"
import * as CliRig from "./CliRig.ts"

const errorOf = (...args: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(Cli.run(["node", "effect-c10k", ...args])), ({ message }) => message)

const refusals: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: RegExp]> = [
  [["lief"], /^there is no command lief; did you mean life\?$/],
  [["--prot"], /^there is no option --prot; `effect-c10k --help` lists them$/],
  [["patterns"], /^there is no command patterns; did you mean life patterns\?$/],
  [["record", "game.c10k"], /^there is no command record; did you mean life record or echo record\?$/],
  [["start"], /^there is no command start; the commands are demo, serve, life, echo, doctor$/],
  [["--port", "80"], /^the command comes before its options; `effect-c10k --help` lists the commands$/],
  [["--port", "80", "serve"], /^the command comes before its options/],
  [["serve", "--port", "65536"], /^--port 65536: expected a whole number from 0 to 65535$/],
  [["serve", "--port", "http"], /^--port http: expected a whole number from 0 to 65535$/],
  [["serve", "--prot", "80"], /^serve has no option --prot; did you mean --port\?$/],
  [["serve", "--heartbeat", "often"], /^--heartbeat often: expected a time from 0 to 1h, such as 500ms, 30s or 2m/],
  [["serve", "--handshake-timeout", "50ms"], /^--handshake-timeout 50ms: expected a time from 100ms to 1h/],
  [["serve", "--max-rate", "0"], /^--max-rate 0: expected a whole number from 1$/],
  [["serve", "--max-memory", "lots"], /^--max-memory lots: expected a size from 1MiB, such as 64KiB, 512MB or 2GiB/],
  [
    ["serve", "--max-memory", "16MiB"],
    /^--max-memory 16777216: expected at least 33554432 bytes, twice --max-message; or lower --max-message$/
  ],
  [["serve", "--log-format", "xml"], /^--log-format xml: expected text, json$/],
  [["serve", "--node", "a b"], /^--node a b: expected 1 to 40 letters, digits, - and _$/],
  [["serve", "--allow-host", "http://a"], /^--allow-host http:\/\/a: expected a name, such as life.example/],
  [
    ["serve", "--allow-origin", "here"],
    /^--allow-origin here: expected an origin, such as https:\/\/example.com, or \*$/
  ],
  [["serve", "--trusted-proxy", "10.0.0.0/33"], /^--trusted-proxy 10.0.0.0\/33: expected an address or subnet/],
  [["serve", "--port", "80", "--port", "81"], /^--port is given twice: give one value$/],
  [["life", "-qq"], /^--quiet is given twice: give it once$/],
  [["life", "-C", "-Cq"], /^--no-center is given twice: give it once$/],
  [["serve", "--compress=yes"], /^--compress takes no value: write --compress alone$/],
  [["serve", "80"], /^serve takes no argument "80"; `effect-c10k serve --help` shows what it takes$/],
  [["--log-level", "loud", "serve"], /^--log-level loud: expected all, trace, debug/],
  [["serve", "--token", ""], /^--token: its value is missing; expected --token SECRET; `effect-c10k serve --help`/],
  [["life", "--size="], /^--size: its value is missing; expected --size /],
  [["life", "record", ""], /^life record: the argument FILE is missing/],
  [["life", "--version"], /^life has no option --version; write `effect-c10k --version`$/],
  [["life", "--log-level", "info", "--log-level=debug"], /^--log-level is given twice: give one value$/],
  [["echo", "-c"], /^-c: its value is missing; expected -c N; `effect-c10k echo --help` lists them$/],
  [["echo", "-c", "--delay", "1s"], /^-c: its value is missing; expected -c N/],
  [["echo", "comprae", "a", "b"], /^there is no command echo comprae; did you mean compare\?$/],
  [["life", "--wizard"], /^life has no option --wizard/],
  [["help", "lief"], /^there is no command lief; did you mean life\?$/],
  [["demo", "--port", "99999"], /^--port 99999: expected/],
  [["echo", "--clients", "0"], /^--clients 0: expected a whole number from 1 to 10000000, or stages such as /],
  [["echo", "--delay=-1"], /^--delay -1: expected a time from 0 to 24h/],
  [["echo", "--timeout", "600h"], /^--timeout 600h: expected a time from more than 0 to 1h/],
  [["echo", "--duration", "soon"], /^--duration soon: expected a time/],
  [["echo", "-p", "2"], /^echo has no option -p/],
  [["echo", "--rate", "0", "--duration", "1s"], /^--rate 0: expected messages per second, more than 0, or stages/],
  [["echo", "--processes", "0"], /^--processes 0: expected a whole number from 1 to 256$/],
  [["echo", "compare", "a.json"], /^echo compare: the argument AFTER is missing; `effect-c10k echo compare --help`/],
  [["life", "patterns", "shw"], /^there is no command life patterns shw; did you mean show\?$/],
  [
    ["life", "--url", "wss://localhost:1", "--ca", import.meta.filename],
    /^--ca \S+: the file has no certificate: expected PEM$/
  ],
  [
    ["serve", "--tls-cert", import.meta.filename, "--tls-key", import.meta.filename],
    /^--tls-cert and --tls-key: expected PEM that TLS can use \(/
  ]
]

describe("options", () => {
  it.effect.each(refusals)("%j are refused with what is wrong and what they take", ([args, message]) =>
    Effect.gen(function* () {
      const said = yield* errorOf(...args)
      assert.match(said, message)
      assert.notInclude(said, "\n")
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )

  it.effect("options are told by --help, also behind others", () =>
    Effect.gen(function* () {
      const outputs = new CliRig.Outputs()
      yield* Effect.provide(Cli.run(["node", "effect-c10k", "serve", "--port", "80", "--help"]), outputs.layer)
      assert.include(outputs.results, "Usage: effect-c10k serve [OPTIONS]\n")
      assert.strictEqual(outputs.notes, "")
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )

  it.effect("options from the environment are refused by the variable's name", () =>
    Effect.gen(function* () {
      const variables = ConfigProvider.fromMap(new Map([["EFFECT_C10K_MAX_RATE", "many"]]))
      const said = yield* Effect.withConfigProvider(errorOf("serve"), variables)
      assert.strictEqual(said, "EFFECT_C10K_MAX_RATE=many: expected a whole number from 1")
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )

  it("options take lengths of time in the same notation, a bare number being seconds", () => {
    const read = (text: string) => Schema.decodeEither(Kind.duration(0))(text)
    const milliseconds = ["500ms", "30s", "2m", "1.5h", "3", "0.5", "0"].map((text) => Either.getOrThrow(read(text)))
    assert.deepStrictEqual(milliseconds, [500, 30_000, 120_000, 5_400_000, 3000, 500, 0])
    for (const text of ["", "s", "-1", "1 day", "25000000s"]) assert.isTrue(Either.isLeft(read(text)), text)
  })
})
