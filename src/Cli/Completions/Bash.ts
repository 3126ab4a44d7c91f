/** Completions for bash. */
import * as Flag from "../Flag.ts"
import { type CommandNode, steps, type Values, valueCases } from "./CompletionTree.ts"

const offer = ({ files, words }: Values): string =>
  [
    ...(words.length > 0 ? [`COMPREPLY+=($(compgen -W "${words.join(" ")}" -- "$cur"))`] : []),
    ...(files ? ['compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$cur"))'] : [])
  ].join("; ") || ":"

export const script = (places: ReadonlyArray<CommandNode>): string => `_effect_c10k() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
      ${steps(places)
        .map((step) => `"${step}"`)
        .join("|")}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at:$prev" in
${places.flatMap((place) => valueCases(place, (names, values) => `    ${names}) ${offer(values)}; return ;;`)).join("\n")}
  esac
  case "$at:$cur" in
${places
  .map(({ options, words }) => `    "${words}:"-*) ${offer({ words: options.flatMap(Flag.namesOf), files: false })} ;;`)
  .join("\n")}
${places
  .map(({ argument, commands, words }) => {
    const all = { words: [...commands.map(({ word }) => word), ...argument.words], files: argument.files }
    return `    "${words}:"*) ${offer(all)} ;;`
  })
  .join("\n")}
  esac
}
complete -F _effect_c10k effect-c10k`
