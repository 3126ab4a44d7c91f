/** Asks the server for the newest whole generation. This uses another connection, so that the page's own is not disturbed. */
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import type { Block, CellsBlock, GameBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { isGeneration, SUBPROTOCOL } from "../../../src/Protocol/WatchProtocol.ts"
import { formatRequest } from "../../../src/Protocol/WatchRequest.ts"
import { Link } from "../../Link.ts"

/** Milliseconds to wait for an answer. */
const ANSWER_TIMEOUT = 4_000

export interface FetchedGeneration {
  readonly game: GameBlock
  readonly cells: CellsBlock
}

export const fetchGeneration = (url: string): Promise<FetchedGeneration> =>
  new Promise((resolve, reject) => {
    let game: GameBlock | undefined
    const end = (run: () => void) => {
      window.clearTimeout(timer)
      link.stop()
      run()
    }
    const fail = (reason: string) => end(() => reject(new Error(reason)))
    const take = (block: Block) => {
      if (block._tag === "Game") game = block
      // Before the server gets the request, it sends the newest states of all cells, which may be of several steps.
      if (block._tag !== "Cells" || game === undefined || !isGeneration(block, game.stateCount)) return
      const found = { game, cells: block }
      end(() => resolve(found))
    }
    const link = new Link({
      ...{ url, subprotocol: SUBPROTOCOL },
      onMessage: (data) => typeof data !== "string" && decode(new Uint8Array(data))?.forEach(take),
      onState: ({ _tag }) => {
        if (_tag === "Open") link.send(formatRequest({ _tag: "Whole" }))
        if (_tag === "Lost") fail("There is no connection to the server now.")
      }
    })
    const timer = window.setTimeout(
      () => fail("The server has no whole generation now: some cells are too far ahead of others."),
      ANSWER_TIMEOUT
    )
    link.start()
  })
