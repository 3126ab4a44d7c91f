/** Which node of the server a cell connects to: one for each block, so that few states have to reach others. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"

/** The blocks of a grid: rows and columns of them. */
export interface Blocks {
  readonly down: number
  readonly across: number
}

/** Divides a grid into `count` blocks with the shortest edges between them. */
export const blocksOf = (width: number, height: number, count: number): Blocks => {
  const edges = ({ across, down }: Blocks): number => (down - 1) * width + (across - 1) * height
  let best: Blocks = { down: 1, across: count }
  for (let down = 1; down <= count; down++) {
    if (count % down !== 0) continue
    const blocks = { down, across: count / down }
    const fits = blocks.down <= height && blocks.across <= width
    if (fits && (best.across > width || best.down > height || edges(blocks) < edges(best))) best = blocks
  }
  return best
}

/** The block of a cell, from 0 on. */
export const blockOf = (
  { across, down }: Blocks,
  width: number,
  height: number,
  { col, row }: { readonly row: number; readonly col: number }
): number => Math.floor((row * down) / height) * across + Math.floor((col * across) / width)

export interface Block {
  readonly row: number
  readonly col: number
  readonly width: number
  readonly height: number
}

/** The cells of a block, from 0 on. */
export const cellsOf = ({ across, down }: Blocks, width: number, height: number, block: number): Block => {
  const [below, beside] = [Math.floor(block / across), block % across]
  const row = Math.ceil((below * height) / down)
  const col = Math.ceil((beside * width) / across)
  return {
    row,
    col,
    height: Math.ceil(((below + 1) * height) / down) - row,
    width: Math.ceil(((beside + 1) * width) / across) - col
  }
}

/** Milliseconds after which a node that could not be reached is tried again. */
const RETRY = 1000

/** Cells on nodes. Those of a node that can't be reached, or left the list, connect to the server's address. */
export class NodePlacement {
  readonly #width: number
  readonly #height: number
  readonly #nodes: ReadonlyArray<string>
  readonly #blocks: Blocks
  /** When a node may be tried again, in milliseconds of a monotonic clock. */
  #away = new Map<string, number>()

  constructor(width: number, height: number, nodes: ReadonlyArray<string>) {
    this.#width = width
    this.#height = height
    this.#nodes = nodes
    this.#blocks = blocksOf(width, height, nodes.length)
  }

  isOf(width: number, height: number): boolean {
    return this.#width === width && this.#height === height
  }

  /** The node of a cell; `undefined` if any will do. */
  nodeOf(cell: { readonly row: number; readonly col: number }, now: number): string | undefined {
    const node = this.#nodes[blockOf(this.#blocks, this.#width, this.#height, cell)]
    return node === undefined || (this.#away.get(node) ?? now) > now ? undefined : node
  }

  /** A cell could not connect to its node. */
  lost(node: string, now: number): void {
    this.#away.set(node, Math.max(this.#away.get(node) ?? 0, now + RETRY))
  }

  listed(nodes: ReadonlyArray<string>): void {
    const others = this.#nodes.filter((node) => !nodes.includes(node))
    this.#away = new Map(others.map((node) => [node, Number.POSITIVE_INFINITY]))
  }
}

const decode = Schema.decodeEither(
  Schema.parseJson(Schema.Struct({ nodes: Schema.Array(Schema.Struct({ url: Schema.String })) }))
)

/** Where the list of the nodes at which the game at `url` can be played is. */
export const listAddressOf = (url: URL): URL => {
  const address = WebSocketUrl.under(url, "nodes.json")
  address.protocol = url.protocol === "wss:" ? "https:" : "http:"
  return address
}

/** The usable addresses in the list of the game at `url`. A secret that is sent by TLS is never sent without. */
export const addressesIn = (text: string, url: URL): ReadonlyArray<string> =>
  Either.match(decode(text), {
    onLeft: () => [],
    onRight: ({ nodes }) => {
      const parsed = nodes.map((node) => WebSocketUrl.parse(node.url))
      const usable = parsed.filter((node) => node !== undefined && (url.protocol === "ws:" || node.protocol === "wss:"))
      return [...new Set(usable.map((node) => node!.href))]
    }
  })
