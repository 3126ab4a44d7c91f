/** The completions in the shells themselves: bash and zsh on a terminal (`script` of util-linux), fish by its own command. */
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cli from "../../src/Cli/Cli.ts"
import { eventually } from "../eventually.ts"
import { need } from "../need.ts"
import * as CliRig from "./CliRig.ts"

const folder = mkdtempSync(join(tmpdir(), "effect-c10k-completions-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes the script of a shell to a file. */
const scriptFor = (shell: string) =>
  Effect.gen(function* () {
    const outputs = new CliRig.Outputs()
    yield* Effect.provide(Cli.run(["node", "effect-c10k", "--completions", shell]), outputs.layer)
    const file = join(folder, `completions.${shell}`)
    writeFileSync(file, outputs.results)
    return file
  }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))

const terminals = { bash: "bash --norc --noprofile -i", zsh: "zsh -f -i" } as const

/** A shell on a terminal of its own. */
const openShell = (shell: keyof typeof terminals) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const terminal = spawn("script", ["-qfec", terminals[shell], "/dev/null"], {
        cwd: folder,
        env: { PATH: process.env["PATH"], TERM: "xterm", HOME: folder, PS1: "$ " }
      })
      let written = ""
      terminal.stdout.setEncoding("utf8").on("data", (data: string) => {
        written += data
      })
      // A control sequence may come in two pieces. Without the bell of a shell that finds several words.
      const shown = () => stripVTControlCharacters(written).replaceAll("\u0007", "")
      return {
        terminal,
        /** Types keys, and waits until the terminal has shown the text. Succeeds with all that it has shown since. */
        type: (keys: string, expected: RegExp) =>
          Effect.promise(async () => {
            written = ""
            terminal.stdin.write(keys)
            await eventually(() => assert.match(shown(), expected))
            return shown()
          })
      }
    }),
    ({ terminal }) => Effect.sync(() => terminal.kill("SIGKILL"))
  )

/** What is typed before Tab, and the word that the shell then makes of it. */
const completed: ReadonlyArray<readonly [typed: string, word: string]> = [
  ["effect-c10k dem", "demo"],
  ["effect-c10k life --spe", "--speed"],
  ["effect-c10k life --steps 3 --no-ce", "--no-center"],
  ["effect-c10k life -p gospe", "gosper"],
  ["effect-c10k life patterns show gospe", "gosper"],
  ["effect-c10k echo comp", "compare"],
  ["effect-c10k echo compare --mark", "--markdown"],
  ["effect-c10k echo import art", "artillery"],
  ["effect-c10k life --flip horiz", "horizontal"],
  ["effect-c10k serve --log-format js", "json"],
  ["effect-c10k life --output completions.ba", "completions.bash"],
  ["effect-c10k --completions zs", "zsh"]
]

describe("completions", () => {
  it.scopedLive.each(["bash", "zsh"] as const)(
    "completions of %s complete commands, options and values on a terminal",
    (shell) =>
      Effect.gen(function* () {
        if (shell === "zsh") need("zsh")
        // One of the cases completes the name of this file.
        yield* scriptFor("bash")
        const script = yield* scriptFor(shell)
        const { type } = yield* openShell(shell)
        // The terminal echoes what is typed, so the word that shows the end is not in it.
        yield* type(`source ${script}; echo LOAD''ED\n`, /LOADED/)
        for (const [typed, word] of completed) {
          const shown = yield* type(`${typed}\t`, new RegExp(`${word}\\s*$`))
          assert.notMatch(shown, /error|not found|no such|unknown/i, typed)
          // Ctrl-U empties the line.
          yield* type("\u0015echo CLEAR''ED\n", /CLEARED/)
        }
      }),
    { timeout: 120_000 }
  )

  it.scopedLive("completions of fish complete commands, options and values", () =>
    Effect.gen(function* () {
      need("fish")
      yield* scriptFor("bash")
      const script = yield* scriptFor("fish")
      const lines = completed.map(([typed]) => `complete -C '${typed}'; echo ==`).join("; ")
      const shown = execFileSync("fish", ["--no-config", "-c", `source ${script}; ${lines}`], {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: process.env["PATH"], HOME: folder }
      })
      const offered = shown.split("==\n").slice(0, -1)
      for (const [at, [typed, word]] of completed.entries())
        assert.match(offered[at] ?? "", new RegExp(`^${word}(\t|$)`, "m"), typed)
    })
  )

  it.effect("completions are refused for another shell", () =>
    Effect.gen(function* () {
      const message = yield* Effect.flip(Cli.run(["node", "effect-c10k", "--completions", "tcsh"]))
      assert.strictEqual(message.message, "--completions tcsh: expected bash, zsh, fish")
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )
})
