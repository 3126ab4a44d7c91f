/** Loads patterns that a viewer drops on the page, pastes, or opens as a file. While drawing they are stamps. */
import { limits } from "../../../src/Life/Pattern/CellRuns.ts"
import { element } from "../../Element.ts"
import { count } from "../Model/Format.ts"
import { parseStartLink } from "../Model/StartLink.ts"
import { readPattern } from "../Net/PatternReading.ts"
import type { Starting } from "./Starting.ts"
import type { Toast } from "./Toast.ts"

/** Checks the bytes of a file, or the characters of a text, before it is read. */
const checkLength = (length: number): void => {
  const most = limits.characters
  if (length <= most) return
  const size = Math.ceil(length / 2 ** 20)
  throw new Error(`This is too long for a pattern: it has ${count(size)} MB, and ${most / 2 ** 20} is the most.`)
}

const textOf = async (file: File): Promise<string> => {
  checkLength(file.size)
  try {
    return await file.text()
  } catch {
    throw new Error(`The browser can't read “${file.name}”: drop a file with a pattern, and no folder.`)
  }
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement

/** The address that a text is; `undefined` if it is a pattern. */
const addressIn = (text: string): URL | undefined => {
  const address = /^https?:\/\/\S+$/i.exec(text.trim())?.[0]
  if (address === undefined) return undefined
  if (!URL.canParse(address)) throw new Error("This is no address of a pattern.")
  return new URL(address)
}

/** The text of the pattern at an address. */
const fetched = async (url: URL): Promise<string> => {
  const file = "download the file, and drop it on this page"
  if (url.origin !== location.origin)
    throw new Error(`This page may not read what ${url.host} has: ${file}, or paste its text.`)
  const response = await fetch(url).catch(() => undefined)
  if (response === undefined) throw new Error("There is no connection to the server now.")
  if (!response.ok) throw new Error(`This server has no pattern at ${url.pathname}.`)
  checkLength(Number(response.headers.get("content-length") ?? 0))
  return response.text()
}

const oneOf = (files: number, name: string): string =>
  `One pattern at a time: of the ${count(files)} files this is “${name}”.`

export const bindBringing = (starting: Starting, toast: Toast): void => {
  const bring = async (text: string): Promise<void> => {
    const url = addressIn(text)
    // A link to a game has the game in it, whichever server it is of.
    const game = parseStartLink(url?.hash ?? "")
    if (typeof game === "string") throw new Error(game)
    if (game !== undefined) return starting.use(({ panel }) => panel.fill(game))
    const read = url === undefined ? text : await fetched(url)
    checkLength(read.length)
    const pattern = await readPattern(read)
    if (!pattern.cells.some((state) => state > 0)) throw new Error("This pattern has no living cells.")
    await starting.use(({ board, panel }) => (board.isOpen ? board.stamp("The pattern", pattern) : panel.take(pattern)))
  }
  /** `note` is said when the pattern is there. */
  const take = (text: Promise<string>, note?: string) => {
    // What was wrong with the one before is not with this one.
    toast.hide()
    text
      .then(bring)
      .then(() => {
        if (note !== undefined) toast.show(note)
      })
      .catch((error: Error) => toast.show(error.message))
  }

  /** Takes the first file, or else the text. */
  const takeFrom = (data: DataTransfer | null, nothing: string): void => {
    const [file, ...others] = data?.files ?? []
    const text = data?.getData("text/plain") ?? ""
    if (file !== undefined) take(textOf(file), others.length === 0 ? undefined : oneOf(others.length + 1, file.name))
    else if (text.trim() !== "") take(Promise.resolve(text))
    else toast.show(nothing)
  }

  document.addEventListener("dragover", (event) => event.preventDefault())
  document.addEventListener("drop", (event) => {
    event.preventDefault()
    takeFrom(event.dataTransfer, "Nothing here can be read as a pattern: drop a file, or a text.")
  })
  document.addEventListener("paste", (event) => {
    if (!isField(event.target))
      takeFrom(event.clipboardData, "There is no text to paste: copy the text of a pattern, or its address.")
  })
  const chooser = element("pattern-file", HTMLInputElement)
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? []
    if (file !== undefined) take(textOf(file))
    chooser.value = ""
  })
}
