/** What a template can name. Every number counts from 1. */
export interface Variables {
  /** The client, over the whole run, whichever process it lives in. */
  readonly client: number
  /** The round of the innermost `repeat`; 1 outside of one. */
  readonly round: number
  /** The message this client sends now, or sent last. */
  readonly message: number
}

export type Template = (variables: Variables) => string

export const variableNames: ReadonlyArray<keyof Variables> = ["client", "round", "message"]

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

const isVariable = (name: string): name is keyof Variables => (variableNames as ReadonlyArray<string>).includes(name)

/** The names in `text` that no variable has: a template with any is refused before the run. */
export const unknownVariables = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "").filter((name) => !isVariable(name))

/** `Hello {{client}}` as a function; text without placeholders costs nothing per message. */
export const compile = (text: string): Template => {
  const parts: Array<string | keyof Variables> = []
  const texts: Array<string> = []
  let end = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    const name = match[1] ?? ""
    if (!isVariable(name)) continue
    texts.push(text.slice(end, match.index))
    parts.push(name)
    end = match.index + match[0].length
  }
  if (parts.length === 0) return () => text
  const tail = text.slice(end)
  return (variables) => {
    let out = ""
    for (let i = 0; i < parts.length; i++) {
      out += texts[i]! + variables[parts[i] as keyof Variables]
    }
    return out + tail
  }
}

/** Whether rendering depends on the variables. */
export const isConstant = (text: string): boolean => [...text.matchAll(PLACEHOLDER)].length === 0
