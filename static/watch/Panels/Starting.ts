/** The start panel and the drawing board, whose script is loaded when they are first needed. */
import { messageOf } from "../../../src/Text/Thrown.ts"
import { Script } from "../Net/Script.ts"
import type { DrawingBoard } from "./DrawingBoard.ts"
import type { StartingParts, StartPanel } from "./StartPanel.ts"

export interface StartingTools {
  readonly board: DrawingBoard
  readonly panel: StartPanel
}

const script = new Script<{ readonly make: (parts: StartingParts) => StartingTools }>("starting/main.js")

export class Starting {
  readonly #parts: StartingParts
  #tools: StartingTools | undefined
  #isUsed = false

  constructor(parts: StartingParts) {
    this.#parts = parts
  }

  /** The tools, if they were needed already. */
  get tools(): StartingTools | undefined {
    return this.#tools
  }

  get isDrawing(): boolean {
    return this.#tools?.board.isOpen === true
  }

  /** Uses the tools, at once if they are loaded. What fails is told to the viewer. */
  async use(act: (tools: StartingTools) => void | Promise<void>): Promise<void> {
    if (!this.#isUsed) this.#parts.onFirstUse()
    this.#isUsed = true
    try {
      if (this.#tools === undefined) {
        const { make } = await script.load()
        // Another use may have waited for the same script.
        this.#tools ??= make(this.#parts)
      }
      await act(this.#tools)
    } catch (error) {
      this.#parts.toast.show(messageOf(error))
    }
  }
}
