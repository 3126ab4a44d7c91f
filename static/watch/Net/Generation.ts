/** Asks the server for the newest whole generation. This uses another connection, so that the page's own is not disturbed. */
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import type { Block, CellsBlock, GameBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { isGeneration, subprotocol } from "../../../src/Protocol/WatchProtocol.ts"
import { formatRequest } from "../../../src/Protocol/WatchRequest.ts"

/** Milliseconds to wait for an answer. */
const answerTimeout = 4_000

export interface FetchedGeneration {
  readonly game: GameBlock
  readonly cells: CellsBlock
}

export const fetchGeneration = (url: string): Promise<FetchedGeneration> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, subprotocol)
    socket.binaryType = "arraybuffer"
    const end = (run: () => void) => {
      window.clearTimeout(timer)
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close()
      run()
    }
    const fail = (reason: string) => end(() => reject(new Error(reason)))
    const timer = window.setTimeout(
      () => fail("The server has no whole generation now: some cells are too far ahead of others."),
      answerTimeout
    )
    let game: GameBlock | undefined
    const take = (block: Block) => {
      if (block._tag === "Game") game = block
      // Before the server gets the request, it sends the newest states of all cells, which may be of several steps.
      if (block._tag !== "Cells" || game === undefined || !isGeneration(block, game.stateCount)) return
      const found = { game, cells: block }
      end(() => resolve(found))
    }
    socket.onopen = () => socket.send(formatRequest({ _tag: "Whole" }))
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => decode(new Uint8Array(data))?.forEach(take)
    socket.onclose = () => fail("There is no connection to the server now.")
  })
