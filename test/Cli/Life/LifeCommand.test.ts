/** `life` as a process with arguments, two outputs, an exit status and signals. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Cli from "../../../src/Cli/Cli.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import * as CliRig from "../CliRig.ts"
import { run, served, shareServer } from "../processes.ts"

const folder = mkdtempSync(join(tmpdir(), "effect-c10k-life-"))

const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const mistakes: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: RegExp]> = [
  [["-s", "0"], /--size 0: expected a whole number from 1 to/],
  [["-s", "2000000"], /--size 2000000: expected a whole number from 1 to 1000000/],
  [["--width", "2000", "--height", "2000"], /2000 x 2000 has too many cells/],
  [["-l", "0"], /--speed 0: expected steps per second, more than 0/],
  [["-s", "many"], /^--size many: expected a whole number from 1 to 1000000$/],
  [["-s", "1.5"], /^--size 1.5: expected/],
  [["--size"], /^--size: its value is missing/],
  [["--sise", "3"], /^life has no option --sise; did you mean --size\?$/],
  [["--stop-when", "bored"], /^--stop-when bored: expected dead, still, periodic$/],
  [["--rotate", "45", "-p", "glider"], /^--rotate 45: expected 0, 90, 180, 270$/],
  [["-l", "-1"], /--speed -1: expected/],
  [["--connect-rate", "0"], /--connect-rate 0: expected connections per second, more than 0/],
  [["--give-up", "0"], /^--give-up 0: expected a time from more than 0 to 24 days, such as 500ms, 30s or 2m/],
  [["--give-up", "soon"], /^--give-up soon: expected a time/],
  [["-n", "-1"], /--steps -1: expected a whole number from 0/],
  [["-s", "5", "--width", "6", "--height", "7"], /--size has no effect with --width and --height/],
  [["-p", "glider", "--seed", "4"], /--seed is for a random start/],
  [["--json", "--output", "-"], /--json and --output - both go to standard output/],
  [["--json", "/nowhere/figures.json", "-s", "3"], /^--json \/nowhere\/figures.json: it cannot be written/],
  [["--output", "/nowhere/last.rle", "-s", "3"], /^--output \/nowhere\/last.rle: it cannot be written/],
  [["-p", "pulsarr"], /Pattern "pulsarr": .* did you mean pulsar\?/],
  [["-p", "./nothing.rle"], /there is no such file/],
  [["-p", "/"], /it is a folder/],
  [["-p", file("empty.rle", "x = 3, y = 3\n!\n")], /it is empty; expected at least one living cell/],
  [["-p", file("broken.rle", "x = 3, y = 1\nboq!\n")], /line 2, column 3: found "q".*expected/],
  [
    ["-p", "gosper", "-s", "32"],
    /36 wide and 9 high does not fit on a grid of 32 x 32: increase the size to at least 36/
  ],
  [
    ["-p", file("racer2.rle", "x = 3, y = 2\nCBA$CBA!\n")],
    /has cells in state 3, but the rule B3\/S23 has only 2 states: choose a rule with more states with --rule/
  ],
  [["--rule", "345/2/999"], /found 999 states after the second slash; a rule has from 2 to 255 states/],
  [["-p", "glider", "-s", "32", "--at", "30,0"], /at row 30, column 0 does not fit/],
  [["-p", "glider", "--at", "3"], /Place "3": expected ROW,COL/],
  [
    ["-p", "glider", "-p", "pulsar", "-p", "toad", "--at", "1,1", "--at", "2,2"],
    /--at is given 2 times, but there are 3 patterns/
  ],
  [["--at", "1,1"], /--at is for patterns: give one with -p/],
  [["-p", "glider", "-C", "--at", "1,1"], /--no-center and --at contradict each other/],
  [["-W", "--topology", "torus"], /--no-wrap and --topology contradict each other/],
  [["--rule", "B9"], /Rule "B9": /],
  [["--topology", "moebius"], /Topology "moebius": no such surface/],
  [["--topology", "sphere", "--width", "4", "--height", "5"], /a sphere needs a width equal to its height/],
  [["--density", "1.5"], /--density 1.5: expected a probability/],
  [["-p", "glider", "--density", "0.5"], /--density is for a random start/],
  [["-p", "glider", "--symmetry", "C4"], /--symmetry is for a random start/],
  [["--symmetry", "C3"], /^--symmetry C3: expected C1, C2, C4, D2_\+, D2_x, D4_\+, D4_x, D8$/],
  [["--symmetry", "D8", "--width", "5", "--height", "6"], /--symmetry D8 needs a square grid, not 5 x 6/],
  [["--save-every", "5", "--output", "last.rle"], /--save-every 5 needs a name for each step: .*\{step\}/],
  [["--save-every", "5", "--output", "/nowhere/{step}.rle", "-s", "3"], /^--output \/nowhere\/\{step\}.rle: it cannot/],
  [["--processes", "0"], /^--processes 0: expected a whole number from 1 to 1000/],
  [
    ["--processes", "7", "-s", "3"],
    /^--processes 7: a grid of 3 x 3 cells can't be divided into so many blocks: give fewer/
  ],
  [["--url", "localhost:8000"], /--url localhost:8000: expected a WebSocket URL; did you mean ws:\/\/localhost:8000\?/],
  [["--url", "ws://localhost:99999"], /with a port up to 65535/],
  [["--url", "ws://127.0.0.1:1"], /connection refused: nothing listens there; `effect-c10k serve` starts a server/],
  [["--url", "wss://127.0.0.1:1", "--ca", "/nowhere.pem"], /--ca \/nowhere.pem: it cannot be read/],
  [["--url", "ws://127.0.0.1:1", "--ca", "/nowhere.pem"], /--ca is for wss: URLs/],
  [["pattern"], /^there is no command life pattern; did you mean patterns\?$/],
  [["patterns", "shw", "glider"], /^there is no command life patterns shw; did you mean show\?$/],
  [["patterns", "show", "pulsarr"], /did you mean pulsar\?/],
  [["patterns", "show", "/etc/passwd"], /no such pattern in the library/]
]

describe("what can't be meant so", () => {
  it.live.each(mistakes)("life %j", ([args, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Cli.run(["node", "effect-c10k", "life", ...args]))
      assert.match(error.message, message)
      assert.notInclude(error.message, "\n")
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )

  it.live("what can't be meant so is told in one line, with exit status 1", () =>
    Effect.map(run(["life", "-s", "0"]), ({ errors, output, status }) => {
      assert.strictEqual(status, 1)
      assert.match(errors, /^effect-c10k: --size 0: [^\n]+\n$/)
      assert.strictEqual(output, "")
    })
  )

  it.live("too few file descriptors, before the first connection", () =>
    Effect.map(
      run(["life", "-s", "20", "--url", "ws://127.0.0.1:1"], { before: "ulimit -n 200;" }),
      ({ errors, status }) => {
        assert.strictEqual(status, 1)
        assert.include(errors, "400 cells need 440 file descriptors, and 200 are allowed")
        assert.include(errors, "ulimit -n 440")
      }
    )
  )
})

describe("a game from the command line", () => {
  const shared = shareServer()

  it.scopedLive(
    "a game from the command line with more states than two: checked, and its last step in a file as Golly reads it",
    () =>
      Effect.gen(function* () {
        const { at } = yield* shared
        const start = file("racer.rle", "x = 3, y = 2, rule = 345/2/4:T12,8\nCBA$CBA!\n")
        const game = ["-p", start, "-n", "15", "-l", "1000", "--check", "--output", "-"]
        const { errors, output, status } = yield* run(["life", ...at, ...game])
        assert.strictEqual(status, 0, errors)
        // It moves one cell per step: it is now three cells to the right, around the torus.
        assert.strictEqual(
          output,
          "#CXRLE Pos=-6,-4 Gen=15\nx = 12, y = 8, rule = 345/2/4:T12,8\n3$7.CBA$7.CBA3$12.!\n"
        )
        assert.include(errors, "6 alive")
      })
  )

  it.scopedLive(
    "a game from the command line ends by itself, checked, with its last step in a file, and figures as JSON",
    () =>
      Effect.gen(function* () {
        const { at } = yield* shared
        const rle = join(folder, "last.rle")
        const game = ["-p", "glider", "-s", "6", "-n", "24", "-l", "1000", "--check"]
        // Connecting takes 1.75 s, which does not count as time of the game.
        const args = [...game, "--connect-rate", "20", "--json", "--output", rle]
        const [elapsed, { errors, output, status }] = yield* Effect.timed(run(["life", ...at, ...args]))
        assert.strictEqual(status, 0, errors)
        const last = JSON.parse(output.trim().split("\n").at(-1)!)
        assert.deepInclude(last, { phase: "ended", reason: "steps", step: 24, population: 5, cells: 36, checked: 25 })
        assert.strictEqual(last.format, 2)
        assert.isBelow(last.elapsedMs, Duration.toMillis(elapsed) - 1750)
        assert.strictEqual(errors, "")
        // After 24 steps on a torus of 6 x 6 it is at its first place again.
        assert.strictEqual(readFileSync(rle, "utf8").split("\n")[1], "x = 6, y = 6, rule = B3/S23:T6,6")
        assert.include(readFileSync(rle, "utf8"), "#CXRLE Pos=-3,-3 Gen=24")

        const again = yield* run(["life", ...at, "-p", rle, "-n", "4", "-l", "1000"])
        assert.strictEqual(again.status, 0, again.errors)
        assert.match(again.errors, /^6 x 6 cells, T6,6, B3\/S23; 5 alive\n/)
        assert.match(again.output, /^step 4; 5 of 36 cells are alive; /)
      })
  )

  it.scopedLive("a game from the command line stops when cells are dead, still, or repeat themselves", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const play = (...args: ReadonlyArray<string>) => run(["life", ...at, "-l", "1000", ...args])
      const dead = yield* play("-p", file("pair.txt", "OO"), "-s", "5", "--stop-when", "dead")
      assert.match(dead.output, /^step 1; all cells are dead; 0 of 25 cells are alive/)
      const still = yield* play("-p", "block", "-s", "5", "--stop-when", "still")
      assert.match(still.output, /nothing has changed since step 0; 4 of 25/)
      const dying = yield* play("-p", "brain-glider", "-s", "8", "--rule", "brian's brain", "--stop-when", "periodic")
      assert.match(dying.output, /; 4 of 64 cells are alive/)
      const periodic = yield* play("-p", "pulsar", "-s", "17", "--stop-when", "periodic")
      assert.match(periodic.output, /^step 3; the same as step 0: period 3; 48 of 289/)
      assert.deepStrictEqual([dead.status, still.status, periodic.status], [0, 0, 0])
    })
  )

  it.scopedLive("the same seed is the same start", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const start = (...args: ReadonlyArray<string>) =>
        Effect.map(run(["life", ...at, "-s", "6", "-n", "0", "-q", "--output", "-", ...args]), ({ output }) => output)
      const [first, second, third] = [
        yield* start("--seed", "5"),
        yield* start("--seed", "5"),
        yield* start("--seed", "6", "--density", "0.7")
      ]
      assert.strictEqual(first, second)
      assert.notStrictEqual(first, third)
    })
  )

  it.scopedLive("a game from the command line counts the ash, and saves steps on the way", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      // Two blinkers, and two blocks one cell apart.
      const start = file("ash.txt", ".O...OO.OO\n.O...OO.OO\n.O........\n..........\n..........\n.....OOO..\n")
      const steps = join(folder, "{step}-ash.rle")
      const args = [
        "-p",
        start,
        "-s",
        "16",
        "-n",
        "5",
        "-l",
        "1000",
        "--census",
        "--save-every",
        "2",
        "--output",
        steps
      ]
      const { errors, output, status } = yield* run(["life", ...at, ...args])
      assert.strictEqual(status, 0, errors)
      const [summary, ...census] = output.trim().split("\n")
      assert.match(summary ?? "", /^step 5; 14 of 256 cells are alive/)
      assert.deepStrictEqual(
        census.map((line) => line.split(/\s{2,}/)),
        [
          ["COUNT", "OBJECT", "KIND", "PERIOD", "CELLS"],
          ["2", "blinker", "oscillator", "period 2", "3"],
          ["2", "block", "still life", "4"]
        ]
      )
      const saved = readdirSync(folder).filter((name) => name.endsWith("-ash.rle"))
      assert.deepStrictEqual(
        saved.sort(),
        ["0", "2", "4", "5"].map((step) => `000000${step}-ash.rle`)
      )
      for (const step of [0, 2, 4]) {
        assert.match(readFileSync(join(folder, `000000${step}-ash.rle`), "utf8"), new RegExp(` Gen=${step}\\n`))
      }
    })
  )

  it.scopedLive("a step that can't be saved ends it with status 1", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const place = mkdtempSync(join(tmpdir(), "effect-c10k-life-"))
      mkdirSync(join(place, "0000003.rle"))
      const args = ["-s", "4", "-l", "1000", "--save-every", "3", "--output", join(place, "{step}.rle")]
      const { errors, status } = yield* run(["life", ...at, ...args])
      assert.strictEqual(status, 1)
      assert.match(errors, /effect-c10k: --output [^\n]*0000003.rle: it cannot be written/)
    })
  )

  it.scopedLive("Ctrl-C ends it with status 130 and its last word", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const life = yield* ServerProcess.start(["life", ...at, "-s", "5", "-p", "blinker", "-l", "50"])
      yield* Effect.promise(() => life.printed(/step \d/))
      life.child.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => life.ended), 130)
      assert.match(life.output, /^interrupted at step \d+; 3 of 25 cells are alive/)
      assert.notMatch(life.errors, /\n\s+at /)
    })
  )

  it.scopedLive("SIGTERM ends it with status 143, since it was not done", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const life = yield* ServerProcess.start(["life", ...at, "-s", "5", "-p", "blinker", "-l", "50"])
      yield* Effect.promise(() => life.printed(/step \d/))
      life.child.kill("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => life.ended), 143)
      assert.match(life.output, /^interrupted at step \d+;/)
    })
  )

  it.scopedLive("a game from the command line ends when somebody starts another game, and says so", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const life = yield* ServerProcess.start(["life", ...at, "-s", "5", "-p", "blinker", "-l", "50"])
      yield* Effect.promise(() => life.printed(/step \d/))
      yield* run(["life", ...at, "-s", "4", "-n", "1", "-q"])
      assert.strictEqual(yield* Effect.promise(() => life.ended), 1)
      assert.include(life.errors, "the server ended the game: a new game was started (code 4000)")
    })
  )

  it.scopedLive("a game from the command line gives up when it is told to, after the server has gone", () =>
    Effect.gen(function* () {
      const { at, server } = yield* served
      const life = yield* ServerProcess.start(["life", ...at, "-s", "5", "-p", "blinker", "-l", "50", "--give-up", "1"])
      yield* Effect.promise(() => life.printed(/step \d/))
      server.child.kill("SIGKILL")
      yield* Effect.promise(() => life.printed(/connection lost: \d+ of 25 cells are connected again/))
      assert.strictEqual(yield* Effect.promise(() => life.ended), 1)
      assert.match(life.errors, /effect-c10k: gave up: 25 cells had no connection for 1 s \(.*connection refused/)
    })
  )

  it.scopedLive(
    "a game from the command line is resumed where its process died, with the size, edges and rule that the server tells",
    () =>
      Effect.gen(function* () {
        const { at } = yield* shared
        const game = ["-p", "blinker", "-s", "6", "--rule", "HighLife", "--topology", "klein", "-l", "50"]
        const killed = yield* ServerProcess.start(["life", ...at, ...game, "--json", "-"])
        yield* Effect.promise(() => killed.printed(/"step":([4-9]\d|\d{3}),/))
        killed.child.kill("SIGKILL")
        yield* Effect.promise(() => killed.ended)
        const { errors, status } = yield* run(["life", ...at, "--resume", "-s", "5"])
        assert.strictEqual(status, 1)
        assert.match(errors, /the server holds a game of 6 x 6 \(B36\/S23:K6,6\*\), not of 5 x 5/)
        const resumed = yield* run(["life", ...at, "--resume", "-n", "400", "-l", "1000", "--json", "-"])
        assert.strictEqual(resumed.status, 0, resumed.errors)
        const last = JSON.parse(resumed.output.trim().split("\n").at(-1)!)
        assert.strictEqual(last.step, 400)
        assert.strictEqual(last.population, 3)
        // The 40 steps and more before are not of its rate. It is rounded, and the log may lack the last one or two.
        assert.isBelow((last.stepsPerSecond * last.elapsedMs) / 1000, 380)
        const { errors: notes, output } = yield* run(["life", ...at, "--resume", "-n", "410", "-l", "1000"])
        assert.match(notes, /^6 x 6 cells, K6,6\*, B36\/S23; /)
        assert.match(output, /^step 410; 3 of 36 cells are alive/)
      })
  )

  it.scopedLive(
    "a game from the command line has nothing to resume on a server where no game has begun, whatever its size",
    () =>
      Effect.gen(function* () {
        const { at } = yield* served
        for (const size of [[], ["-s", "32"], ["--topology", "klein"]]) {
          const { errors, output, status } = yield* run(["life", ...at, "--resume", ...size])
          assert.strictEqual(status, 1)
          assert.match(errors, /^effect-c10k: --resume: there is nothing to resume: [^\n]+\n$/)
          assert.strictEqual(output, "")
        }
      })
  )

  it.scopedLive("a game from the command line shows the token that the server wants", () =>
    Effect.gen(function* () {
      const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0", "--token", "s3cret"])
      const at = ["--url", `ws://127.0.0.1:${yield* Effect.promise(() => server.port())}`, "-s", "3", "-n", "1"]
      const without = yield* run(["life", ...at])
      assert.strictEqual(without.status, 1)
      assert.match(without.errors, /401.*; give the secret of the server with --token/)
      assert.strictEqual((yield* run(["life", ...at, "--token", "s3cret"])).status, 0)
      assert.strictEqual((yield* run(["life", ...at], { env: { EFFECT_C10K_TOKEN: "s3cret" } })).status, 0)
    })
  )
})

describe("the library", () => {
  it.live("the library is listed, and drawn", () =>
    Effect.gen(function* () {
      const { output, status } = yield* run(["life", "patterns"])
      assert.strictEqual(status, 0)
      assert.match(output, /^NAME +SIZE +KIND +TIME +TITLE\n/)
      assert.match(output, /^glider +3 x 3 +Spaceship +period 4 +Glider$/m)
      const shown = yield* run(["life", "patterns", "show", "blinker"])
      assert.strictEqual(shown.status, 0)
      assert.match(shown.output, /^Blinker/)
      assert.include(shown.output, "██████")
    })
  )
})
