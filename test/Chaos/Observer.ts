/** A watcher that knows the correct state of every cell at every step. It survives the death of the server. */
import { WebSocket } from "ws"
import type * as Grid from "../../src/Life/Universe/Grid.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../src/Life/Universe/Simulator.ts"
import type * as Topology from "../../src/Life/Universe/Topology.ts"
import * as Protocol0 from "../../src/Protocol/Protocol0.ts"

export class Observer {
  /** The first error. */
  wrong: string | undefined
  /** The number of states that came more than once, always with the same value. */
  repeated = 0
  /** The newest step for which all cells, and all earlier steps, are complete. */
  step = -1
  readonly #truth: ReadonlyArray<Uint8Array>
  readonly #heard: ReadonlyArray<Uint8Array>
  readonly #missing: Array<number>
  readonly #width: number
  #waiting: Array<() => void> = []
  #socket: WebSocket | undefined

  constructor(start: Grid.Grid, topology: Topology.Topology, steps: number) {
    const simulator = new Simulator(start, Rule.life, topology)
    this.#width = start.width
    this.#truth = Array.from({ length: steps + 1 }, () => {
      const { cells } = simulator.grid()
      simulator.run(1)
      return cells
    })
    this.#heard = this.#truth.map(({ length }) => new Uint8Array(length))
    this.#missing = this.#truth.map(({ length }) => length)
  }

  /** Connects as soon as the server accepts it. */
  async connect(port: number): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/watcher/`, { perMessageDeflate: false })
    socket.on("message", (data) => this.#receive(String(data)))
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on("open", () => resolve(true))
      socket.on("error", () => resolve(false))
    })
    this.#socket = socket
    if (!isOpen) return this.connect(port)
  }

  /** The cells whose next state is missing, for the reason of a failure. */
  missing(): string {
    const heard = this.#heard[this.step + 1] ?? new Uint8Array()
    const cells = [...heard.keys()].filter((cell) => heard[cell] === 0)
    return `${cells.length} cells are missing at the next one (${cells.slice(0, 20).join(", ")})`
  }

  close(): void {
    this.#socket?.terminate()
  }

  /** Waits until all cells have published `step`, or there is an error. */
  async until(step: number): Promise<void> {
    while (this.step < step && this.wrong === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #receive(text: string): void {
    const read = Protocol0.parseState(text)
    if (read === undefined) return this.#fail(`not a state: ${text}`)
    this.hear(read.step, read.row * this.#width + read.col, read.state)
  }

  /** Of a cell, by its number. */
  hear(step: number, cell: number, state: number): void {
    const expected = this.#truth[step]?.[cell]
    if (expected !== state) return this.#fail(`cell ${cell} is ${state} at step ${step}: expected ${expected}`)
    const heard = this.#heard[step]!
    if (heard[cell] === 1) {
      this.repeated++
      return
    }
    heard[cell] = 1
    this.#missing[step]!--
    while (this.#missing[this.step + 1] === 0) this.step++
    this.#wake()
  }

  #fail(reason: string): void {
    this.wrong ??= reason
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
