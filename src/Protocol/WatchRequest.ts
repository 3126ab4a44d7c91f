/** The requests of a watcher to the server, as short text messages. */

/**
 * - `pause`: send nothing until `resume` (the page is hidden);
 * - `resume`: send the newest states, then continue;
 * - `pace <milliseconds>`: leave at least this time between two messages;
 * - `whole`: send whole generations only, the newest that all cells have reached;
 * - `newest`: send the newest state of every cell, as at the start;
 * - `gaps`: from now on, list cells by the gaps between their numbers, which takes half the bytes;
 * - `bits`: from now on, send whole generations that follow each other as a bit for each cell;
 * - `figures`: send no cells, until `newest` or `whole` asks for them again (the page shows cells from before);
 * - `listen <cell>`: also send, as text, the messages that the client of this cell publishes and gets; `listen`: no longer.
 */
export type WatchRequest =
  | { readonly _tag: "Pause" }
  | { readonly _tag: "Resume" }
  | { readonly _tag: "Pace"; readonly interval: number }
  | { readonly _tag: "Whole" }
  | { readonly _tag: "Newest" }
  | { readonly _tag: "Figures" }
  | { readonly _tag: "Gaps" }
  | { readonly _tag: "Bits" }
  /** `cell` is `row * width + col`. */
  | { readonly _tag: "Listen"; readonly cell: number | undefined }

/** The supported times between messages, in milliseconds. A request is rounded up, at most to the longest. */
export const intervals = [0, 50, 100, 200, 500, 1000, 2000, 5000] as const

/** The requests that are one word: their tags in lower case. */
const words = ["Pause", "Resume", "Whole", "Newest", "Figures", "Gaps", "Bits"] as const

export const formatRequest = (request: WatchRequest): string => {
  if (request._tag === "Pace") return `pace ${request.interval}`
  if (request._tag === "Listen") return request.cell === undefined ? "listen" : `listen ${request.cell}`
  return request._tag.toLowerCase()
}

/** Parses a request; `undefined` if the text is not a valid one. */
export const parseRequest = (text: string): WatchRequest | undefined => {
  const word = words.find((tag) => tag.toLowerCase() === text)
  if (word !== undefined) return { _tag: word }
  const listen = /^listen(?: (\d{1,9}))?$/.exec(text)
  if (listen !== null) return { _tag: "Listen", cell: listen[1] === undefined ? undefined : Number(listen[1]) }
  const pace = /^pace (\d{1,6})$/.exec(text)
  if (pace === null) return undefined
  const asked = Number(pace[1])
  return { _tag: "Pace", interval: intervals.find((interval) => interval >= asked) ?? intervals.at(-1)! }
}

/** The client of a cell, as the server tells who listens to it, before the messages. */
export interface ListenedClient {
  readonly cell: number
  /** The number of its connection, counted since the start of the server; `undefined` if it has none on this node. */
  readonly connection: number | undefined
  /** The cells to which it has subscribed. */
  readonly neighbours: ReadonlyArray<number>
}

/** `client <cell>` without a connection, or `client <cell> <connection> <neighbour>...`. */
export const formatListened = ({ cell, connection, neighbours }: ListenedClient): string =>
  connection === undefined ? `client ${cell}` : ["client", cell, connection, ...neighbours].join(" ")

/** Parses what `formatListened` writes; `undefined` if the text is anything else. */
export const parseListened = (text: string): ListenedClient | undefined => {
  if (!/^client \d{1,9}( \d{1,15})*$/.test(text)) return undefined
  const [cell = 0, connection, ...neighbours] = text.split(" ").slice(1).map(Number)
  return { cell, connection, neighbours }
}
