/**
 * A cell of a simulated game: a ring of cells under rule 30, in which no state can be guessed. It is a client of
 * protocol 0 that reconnects when its connection is lost.
 */
import type { Worker, WorkerConnection } from "../../../src/Server/Game/Worker.ts"
import type { SimulatedNode } from "./SimulatedNode.ts"

/** States of all cells at all steps. */
export type Reference = ReadonlyArray<ReadonlyArray<0 | 1>>

const rule30 = (left: number, own: number, right: number): 0 | 1 => ((left ^ (own | right)) === 1 ? 1 : 0)

export const simulate = (start: ReadonlyArray<0 | 1>, steps: number): Reference => {
  const all = [start]
  for (let step = 0; step < steps; step++) {
    const row = all[step]!
    const { length } = row
    all.push(row.map((own, index) => rule30(row[(index + length - 1) % length]!, own, row[(index + 1) % length]!)))
  }
  return all
}

/** One connection between a cell and a node, with the messages in transit in each direction. */
export class Channel implements WorkerConnection {
  readonly node: SimulatedNode
  readonly worker: Worker
  readonly up: Array<string> = []
  readonly down: Array<string> = []
  /** The close code, which its client gets after it has read everything before. */
  code: number | undefined = undefined

  constructor(node: SimulatedNode) {
    this.node = node
    this.worker = node.parts.node.join(this)
  }

  sendFrame(frame: string): void {
    if (this.code !== undefined) return
    for (let at = 0; at < frame.length; at += 2 + frame.charCodeAt(at + 1))
      this.down.push(frame.slice(at + 2, at + 2 + frame.charCodeAt(at + 1)))
  }

  close(code = 1000): void {
    this.code ??= code
  }

  pause(): void {}

  resume(): void {}
}

export class SimulatedCell {
  readonly index: number
  channel: Channel | undefined = undefined
  /** The newest own step; -1 before the first. */
  step = -1
  readonly #reference: Reference
  readonly #known = new Map<string, 0 | 1>()

  constructor(index: number, reference: Reference) {
    this.index = index
    this.#reference = reference
  }

  get isDone(): boolean {
    return this.step === this.#reference.length - 1 && this.channel !== undefined && this.channel.up.length === 0
  }

  hear(text: string): void {
    if (text === "sub") {
      for (const cell of [this.#left, this.#right, this.index]) this.#send(`0 ${cell}`)
      return this.#send("sub")
    }
    if (text === "run") return this.#run()
    const [step, , cell, state] = text.split(" ").map(Number)
    const right = this.#reference[step!]?.[cell!]
    if (right !== state) throw new Error(`cell ${this.index} hears ${text}, where ${right} is right`)
    this.#known.set(`${step} ${cell}`, right!)
    if (cell === this.index && step! > this.step) this.step = step!
    this.#advance()
  }

  #run(): void {
    if (this.step < 0) return this.#say(0, this.#reference[0]![this.index]!)
    // Its last state may have been lost with a node.
    for (const step of [this.step - 1, this.step]) {
      const state = this.#known.get(`${step} ${this.index}`)
      if (state !== undefined) this.#say(step, state)
    }
  }

  #advance(): void {
    for (;;) {
      const [left, own, right] = [this.#left, this.index, this.#right].map((cell) =>
        this.#known.get(`${this.step} ${cell}`)
      )
      if (left === undefined || own === undefined || right === undefined) return
      if (this.step === this.#reference.length - 1) return
      this.#say(this.step + 1, rule30(left, own, right))
    }
  }

  #say(step: number, state: 0 | 1): void {
    this.#known.set(`${step} ${this.index}`, state)
    if (step > this.step) this.step = step
    this.#send(`${step} 0 ${this.index} ${state}`)
  }

  #send(text: string): void {
    this.channel?.up.push(text)
  }

  get #size(): number {
    return this.#reference[0]!.length
  }

  get #left(): number {
    return (this.index + this.#size - 1) % this.#size
  }

  get #right(): number {
    return (this.index + 1) % this.#size
  }
}
