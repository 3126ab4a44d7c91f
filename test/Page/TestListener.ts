/** Tells a watcher of `TestServer` of the client of one cell, as `src/Server/Watch/Listener.ts` does, from the state that the test writes. */
import { NO_STEP } from "../../src/Protocol/WatchProtocol.ts"
import { formatListened } from "../../src/Protocol/WatchRequest.ts"
import type { WatchState } from "../../src/Server/Watch/WatchState.ts"

export class TestListener {
  readonly #send: (text: string) => void
  #cell: number | undefined
  #game = 0
  #said = ""
  /** The steps that were told of the cell and its neighbours. */
  #steps = new Map<number, number>()

  constructor(send: (text: string) => void) {
    this.#send = send
  }

  listen(cell: number | undefined, state: WatchState): void {
    this.#cell = cell === undefined || cell >= state.steps.length ? undefined : cell
    this.#game = state.game
    this.#said = ""
    this.turn(state)
  }

  turn(state: WatchState): void {
    if (state.game !== this.#game) this.#cell = undefined
    const cell = this.#cell
    if (cell === undefined) return
    const neighbours = this.#isConnected(cell, state) ? neighboursOf(cell, state) : []
    const connection = this.#isConnected(cell, state) ? cell + 1 : undefined
    const said = formatListened({ cell, connection, neighbours })
    if (said !== this.#said) {
      this.#said = said
      this.#send(said)
      const heard = connection === undefined ? [] : [cell, ...neighbours]
      this.#steps = new Map(heard.map((each) => [each, state.steps[each]!]))
    }
    for (const [each, step] of this.#steps) {
      const now = state.steps[each]!
      if (now === step) continue
      this.#steps.set(each, now)
      this.#send(`${now} ${Math.floor(each / state.width)} ${each % state.width} ${state.states[each]}`)
    }
  }

  /** A worker has a cell from its first state on. Which workers have left is not in the state: those of the first cells. */
  #isConnected(cell: number, { connected, steps }: WatchState): boolean {
    return steps[cell] !== NO_STEP && cell >= steps.length - connected
  }
}

/** The cells around one on a torus. */
const neighboursOf = (cell: number, { height, width }: WatchState): ReadonlyArray<number> => {
  const [row, column] = [Math.floor(cell / width), cell % width]
  const around = [-1, 0, 1].flatMap((dy) =>
    [-1, 0, 1].map((dx) => ((row + dy + height) % height) * width + ((column + dx + width) % width))
  )
  return [...new Set(around)].filter((each) => each !== cell)
}
