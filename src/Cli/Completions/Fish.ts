/** Completions for fish. */
import { type CommandNode, steps, type Values } from "./CompletionTree.ts"

const quote = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

const offer = ({ files, words }: Values): string =>
  `${files ? "-F" : "-f"}${words.length > 0 ? ` -a ${quote(words.join(" "))}` : ""}`

const at = (words: string): string => `complete -c effect-c10k -n ${quote(`__effect_c10k_at ${quote(words)}`)}`

const linesOf = ({ argument, commands, options, words }: CommandNode): ReadonlyArray<string> => [
  ...commands.map(({ text, word }) => `${at(words)} -a ${quote(word)} -d ${quote(text)}`),
  ...(argument.words.length > 0 || argument.files ? [`${at(words)} ${offer(argument)}`] : []),
  ...options.map(({ alias, name, text, values }) => {
    const names = `-l ${name}${alias === undefined ? "" : ` -s ${alias}`}`
    return `${at(words)} ${names} -d ${quote(text)}${values === undefined ? "" : ` -r ${offer(values)}`}`
  })
]

export const script = (places: ReadonlyArray<CommandNode>): string => `function __effect_c10k_at
  set -l at ""
  set -l typed (commandline -opc)
  for word in $typed[2..]
    switch "$at/$word"
      case ${steps(places).map(quote).join(" ")}
        set at (string trim "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
complete -c effect-c10k -e
complete -c effect-c10k -f
${places.flatMap(linesOf).join("\n")}`
