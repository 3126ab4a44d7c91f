/** `effect-c10k --completions SHELL`: writes a script that completes commands, options and their values. */
import * as Effect from "effect/Effect"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import { UserError } from "../UserError.ts"
import * as Bash from "./Bash.ts"
import * as CompletionTree from "./CompletionTree.ts"
import * as Fish from "./Fish.ts"
import * as Zsh from "./Zsh.ts"

const shells: Readonly<Record<string, (places: ReadonlyArray<CompletionTree.CommandNode>) => string>> = {
  bash: Bash.script,
  zsh: Zsh.script,
  fish: Fish.script
}

/** `given` is `--completions SHELL` or `--completions=SHELL`. */
export const script = Effect.fn("Completions.script")(function* ([option = "", next = ""]: ReadonlyArray<string>) {
  const shell = option.includes("=") ? option.slice(option.indexOf("=") + 1) : next
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined
  if (write === undefined)
    return yield* UserError.of(
      `--completions ${shell}: expected ${Object.keys(shells).join(", ")}`.replace(" : ", ": ")
    )
  const patterns = yield* Effect.flatMap(PatternLibrary, ({ names }) => names)
  return write(yield* Effect.promise(() => CompletionTree.make(patterns)))
}, Effect.provide(PatternLibrary.layer))
