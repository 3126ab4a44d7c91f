/** Completions for zsh. The script can be sourced, and it can be a file `_effect-c10k` in a folder of `fpath`. */
import * as Flag from "../Flag.ts"
import { type CommandNode, steps, type Values, valueCases } from "./CompletionTree.ts"

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const entry = (word: string, text: string): string => quote(`${word.replaceAll(":", "\\:")}:${text}`)

const offer = ({ files, words }: Values): string =>
  [...(words.length > 0 ? [`compadd -- ${words.map(quote).join(" ")}`] : []), ...(files ? ["_files"] : [])].join(
    "; "
  ) || ":"

const optionCase = ({ options, words }: CommandNode): string => {
  const entries = options.flatMap((option) => Flag.namesOf(option).map((name) => entry(name, option.text)))
  return `      ("${words}") found=(${entries.join(" ")}) ;;`
}

const argumentCase = ({ argument, commands, words }: CommandNode): string => {
  const entries = commands.map(({ text, word }) => entry(word, text)).join(" ")
  const described = commands.length > 0 ? [`found=(${entries}); _describe -t commands command found`] : []
  const offered = argument.words.length > 0 || argument.files ? [offer(argument)] : []
  return `      ("${words}") ${[...described, ...offered].join("; ") || ":"} ;;`
}

export const script = (places: ReadonlyArray<CommandNode>): string => `#compdef effect-c10k
_effect_c10k() {
  local at="" i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/$words[i]" in
      (${steps(places)
        .map((step) => `"${step}"`)
        .join("|")}) at="\${at:+$at }$words[i]" ;;
    esac
  done
  case "$at:$words[CURRENT-1]" in
${places.flatMap((place) => valueCases(place, (names, values) => `    (${names}) ${offer(values)}; return ;;`)).join("\n")}
  esac
  if [[ "$PREFIX" == -* ]]; then
    case "$at" in
${places.map(optionCase).join("\n")}
    esac
    _describe -o -t options option found
  else
    case "$at" in
${places.map(argumentCase).join("\n")}
    esac
  fi
}
if [[ "\${funcstack[1]}" == "_effect-c10k" ]]; then
  _effect_c10k "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit -u; }
  compdef _effect_c10k effect-c10k
fi`
