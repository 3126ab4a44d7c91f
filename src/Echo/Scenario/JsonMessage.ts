import type { Message } from "../../WebSocket/Frames/Message.ts"

interface Parsed {
  readonly value: unknown
}

const parse = (text: string): Parsed | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

let lastText: string | undefined
let lastParsed: Parsed | undefined

/**
 * Reads a message as JSON; `undefined` if it is none. Rules, expectations and captures look at the same message one after the
 * other, so the last result is kept. Nobody may change it.
 */
export const of = (message: Message): Parsed | undefined => {
  if (typeof message !== "string") return parse(Buffer.from(message).toString("utf8"))
  if (message !== lastText) {
    lastParsed = parse(message)
    lastText = message
  }
  return lastParsed
}
