/** Loads patterns that a viewer drops on the page, pastes, or opens as a file. While drawing they are stamps. */
import { element } from "../../Element.ts"
import { readPattern } from "../Net/PatternReading.ts"
import type { DrawingBoard } from "./DrawingBoard.ts"
import type { StartPanel } from "./StartPanel.ts"
import type { Toast } from "./Toast.ts"

/** The most bytes of a file. */
const longest = 20 * 2 ** 20

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement

export const bindBringing = (startPanel: StartPanel, board: DrawingBoard, toast: Toast): void => {
  const take = (text: Promise<string>) =>
    text
      .then(readPattern)
      .then((pattern) => (board.isOpen ? board.stamp("The pattern", pattern) : startPanel.take(pattern)))
      .catch((error: Error) => toast.show(error.message))
  const open = (file: File) =>
    take(file.size > longest ? Promise.reject(new Error("This file is too long for a pattern.")) : file.text())

  document.addEventListener("dragover", (event) => event.preventDefault())
  document.addEventListener("drop", (event) => {
    event.preventDefault()
    const file = event.dataTransfer?.files[0]
    const text = event.dataTransfer?.getData("text/plain") ?? ""
    if (file !== undefined) open(file)
    else if (text !== "") take(Promise.resolve(text))
  })
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    if (!isField(event.target) && text.trim() !== "") take(Promise.resolve(text))
  })
  const chooser = element("pattern-file", HTMLInputElement)
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? []
    if (file !== undefined) open(file)
    chooser.value = ""
  })
}
