/** Loads patterns that a viewer drops on the page, pastes, or opens as a file. While drawing they are stamps. */
import { element } from "../../Element.ts"
import { count } from "../Model/Format.ts"
import { readPattern } from "../Net/PatternReading.ts"
import type { Starting } from "./Starting.ts"
import type { Toast } from "./Toast.ts"

/** The most bytes of a file. */
const longest = 20 * 2 ** 20

const checkLength = (bytes: number): void => {
  if (bytes <= longest) return
  const size = Math.ceil(bytes / 2 ** 20)
  throw new Error(
    `This file is too long for a pattern: it has ${count(size)} MB, and ${longest / 2 ** 20} is the most.`
  )
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

/** The text of a pattern, or of the pattern at the address that was pasted or dropped. */
const fetched = async (text: string): Promise<string> => {
  const address = /^https?:\/\/\S+$/i.exec(text.trim())?.[0]
  if (address === undefined) return text
  const file = "download the file, and drop it on this page"
  if (!URL.canParse(address)) throw new Error("This is no address of a pattern.")
  const url = new URL(address)
  if (url.origin !== location.origin)
    throw new Error(`This page may not read what ${url.host} has: ${file}, or paste its text.`)
  const response = await fetch(url).catch(() => undefined)
  if (response === undefined) throw new Error("There is no connection to the server now.")
  if (!response.ok) throw new Error(`This server has no pattern at ${url.pathname}.`)
  checkLength(Number(response.headers.get("content-length") ?? 0))
  return response.text()
}

export const bindBringing = (starting: Starting, toast: Toast): void => {
  const take = (text: Promise<string>) =>
    text
      .then(fetched)
      .then(readPattern)
      .then((pattern) => {
        if (!pattern.cells.some((state) => state > 0)) throw new Error("This pattern has no living cells.")
        return starting.use(({ board, panel }) =>
          board.isOpen ? board.stamp("The pattern", pattern) : panel.take(pattern)
        )
      })
      .catch((error: Error) => toast.show(error.message))

  document.addEventListener("dragover", (event) => event.preventDefault())
  document.addEventListener("drop", (event) => {
    event.preventDefault()
    const file = event.dataTransfer?.files[0]
    const text = event.dataTransfer?.getData("text/plain") ?? ""
    if (file !== undefined) take(textOf(file))
    else if (text.trim() !== "") take(Promise.resolve(text))
    else toast.show("Nothing here can be read as a pattern: drop a file, or a text.")
  })
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    if (!isField(event.target) && text.trim() !== "") take(Promise.resolve(text))
  })
  const chooser = element("pattern-file", HTMLInputElement)
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? []
    if (file !== undefined) take(textOf(file))
    chooser.value = ""
  })
}
