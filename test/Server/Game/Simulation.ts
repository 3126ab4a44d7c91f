/**
 * Simulates whole games of several nodes in a moment: real nodes over a simulated log, cells as clients, and everything
 * that can go wrong between them, in an order that a seed decides. Throws when a cell gets a wrong state, when a game
 * stands still, or when the nodes disagree at the end.
 */
import { PCGRandom } from "effect/Utils"
import { Channel, type Reference, SimulatedCell, simulate } from "./SimulatedCell.ts"
import { type Rule, SimulatedLog } from "./SimulatedLog.ts"
import { SimulatedNode } from "./SimulatedNode.ts"

export interface SimulationOptions {
  readonly seed: number
  readonly left?: Rule | undefined
}

/** After this number of events, a game that has not ended counts as standing still. */
const MAX_STEPS = 30_000
/** Between two signs of life of a node. */
const BEAT = 150
/** After this number of beats behind the end of the log, a node that says so is replaced. */
const LATE = 8

class Simulation {
  readonly #random: PCGRandom
  readonly #left: Rule | undefined
  readonly #logs = { game: new SimulatedLog(), signs: new SimulatedLog() }
  #nodes: Array<SimulatedNode> = []
  /** All connections, even those whose clients are gone. */
  #channels: Array<Channel> = []
  #cells: Array<SimulatedCell> = []
  #reference: Reference = []
  #time = 0
  #faults: number
  /** Resets that were requested and not answered. A game that will end gets no more cells. */
  #isResetting = false
  #games: number
  /** An event that must happen at a time. */
  #later: Array<{ readonly at: number; readonly happen: () => void }> = []
  /** What must happen when a node dies. */
  #onDeath: Array<{ readonly node: SimulatedNode; readonly happen: () => void }> = []

  constructor({ left, seed }: SimulationOptions) {
    this.#random = new PCGRandom(seed)
    this.#left = left
    this.#faults = this.#random.integer(12)
    this.#games = 1 + this.#random.integer(3)
    const count = 1 + this.#random.integer(4)
    for (let n = 0; n < count; n++) this.#nodes.push(new SimulatedNode(this.#logs, left))
  }

  async run(): Promise<void> {
    for (; this.#games > 0; this.#games--) {
      await this.#reset()
      // Another game may begin in the middle of this one.
      const steps = this.#games > 1 && this.#chance(0.5) ? this.#random.integer(3000) : MAX_STEPS
      const isDone = await this.#until(() => this.#cells.every(({ isDone }) => isDone), steps)
      if (!isDone && steps === MAX_STEPS) throw new Error(`the game stands: ${this.#cells.map(({ step }) => step)}`)
    }
    await this.#settle()
    for (const node of this.#nodes) node.end()
  }

  /** Begins another game: one or two clients request it at the same time. The one that is later in the log wins. */
  async #reset(): Promise<void> {
    const size = 3 + this.#random.integer(4)
    const start = Array.from({ length: size }, (): 0 | 1 => (this.#chance(0.5) ? 1 : 0))
    const reference = simulate(start, 3 + this.#random.integer(6))
    this.#isResetting = true
    const asked = new Set<number>()
    let asks = 1 + this.#random.integer(2)
    const ask = () => {
      const node = this.#nodes.find(({ isAwake }) => isAwake)
      if (node === undefined) return
      const n = asks--
      asked.add(n)
      // A client whose request was at a node that died asks again.
      const again = () => {
        if (asked.has(n)) this.#ask(size, () => asked.delete(n), again)
      }
      again()
    }
    while (asks > 0) {
      ask()
      await this.#turn()
    }
    if (!(await this.#until(() => asked.size === 0, MAX_STEPS))) throw new Error("a reset is not answered")
    for (const { channel } of this.#cells) if (channel !== undefined) this.#leave(channel)
    this.#reference = reference
    this.#cells = start.map((_, index) => new SimulatedCell(index, reference))
    this.#isResetting = false
  }

  #ask(width: number, done: () => void, again: () => void): void {
    const node = this.#any(this.#nodes.filter(({ isOpen }) => isOpen))
    if (node === undefined) return void this.#after(BEAT, again)
    const answered = (problem: object | undefined) => (problem === undefined ? done() : this.#after(BEAT, again))
    const reset = { width, height: 1, topology: "", stateCount: 2 }
    node.reader.unsafeWhenCurrent(() => node.parts.node.reset(reset, answered))
    this.#onDeath.push({ node, happen: again })
  }

  async #until(isDone: () => boolean, most: number): Promise<boolean> {
    for (let n = 0; n < most; n++) {
      if (isDone()) return true
      await this.#turn()
    }
    return isDone()
  }

  /** Lets something happen, and some nodes append the events that they have gathered. */
  async #turn(): Promise<void> {
    this.#time++
    if (this.#faults > 0 && this.#chance(0.005)) this.#fault()
    if (this.#time % BEAT === 0) this.#beat()
    const due = this.#later.filter(({ at }) => at <= this.#time)
    this.#later = this.#later.filter(({ at }) => at > this.#time)
    for (const { happen } of due) happen()
    // Their time to wait has passed.
    if (this.#chance(0.1))
      for (const { incomplete, isAwake } of this.#nodes) if (isAwake) for (const each of [...incomplete]) each.flush()
    if (this.#chance(0.5)) this.#network()
    else this.#connection()
    for (const node of this.#nodes) if (node.isAwake && this.#chance(0.5)) node.append()
    await Promise.resolve()
  }

  /** Nodes sign that they live. Those that say that they are not ready for long are replaced. */
  #beat(): void {
    for (const node of this.#nodes) if (node.isAwake) node.sign()
    for (const node of [...this.#nodes]) {
      node.late = node.isAwake && node.reader.isBehind ? node.late + 1 : 0
      if (node.isDeaf && node.late > LATE && this.#left !== "ready") {
        this.#kill(node)
        this.#nodes.push(this.#newNode(undefined))
      }
    }
  }

  #network(): void {
    const node = this.#any(this.#nodes.filter(({ isAwake, isCut }) => isAwake && !isCut))
    if (node === undefined) return
    const arrives = this.#chance(0.5)
    for (const reader of [node.reader, node.signs]) {
      if (arrives) reader.arrive(1 + this.#random.integer(3))
      else if (!node.isDeaf || reader === node.signs) reader.read(1 + this.#random.integer(8))
    }
  }

  #connection(): void {
    const homeless = this.#isResetting ? undefined : this.#cells.find(({ channel }) => channel === undefined)
    if (homeless !== undefined && this.#chance(0.3)) return this.#connect(homeless)
    const cell = this.#any(this.#cells)
    const channel = cell?.channel
    if (cell === undefined || channel === undefined) return
    if (this.#chance(0.5)) {
      if (!channel.node.isAwake) return
      for (const text of channel.up.splice(0, 1 + this.#random.integer(4))) channel.worker.onMessage(text)
      return
    }
    for (const text of channel.down.splice(0, 1 + this.#random.integer(4))) cell.hear(text)
    if (channel.down.length === 0 && channel.code !== undefined) this.#closed(cell, channel, channel.code)
  }

  #connect(cell: SimulatedCell): void {
    const node = this.#any(this.#nodes.filter(({ isOpen }) => isOpen))
    if (node === undefined) return
    cell.channel = new Channel(node)
    this.#channels.push(cell.channel)
  }

  #closed(cell: SimulatedCell, channel: Channel, code: number): void {
    if (code >= 4000 && !this.#isResetting) throw new Error(`cell ${cell.index} is closed with ${code}`)
    channel.worker.onClose({ code, reason: "" })
    cell.channel = undefined
  }

  /** The client is gone, and its node learns of it some time later. */
  #leave(channel: Channel): void {
    channel.code = 1006
    channel.up.length = 0
    const report = () => {
      if (channel.node.isAwake) channel.worker.onClose({ code: 1006, reason: "" })
      else if (!channel.node.isDead) this.#after(BEAT, report)
    }
    this.#after(this.#random.integer(300), report)
    for (const cell of this.#cells) if (cell.channel === channel) cell.channel = undefined
  }

  #after(delay: number, happen: () => void): void {
    this.#later.push({ at: this.#time + delay, happen })
  }

  #fault(): void {
    this.#faults--
    const node = this.#any(this.#nodes.filter(({ isAwake }) => isAwake))
    if (node !== undefined) this.#any(this.#kinds)?.(node)
  }

  readonly #kinds: ReadonlyArray<(node: SimulatedNode) => void> = [
    (node) => this.#kill(node),
    // The node is cut off before it dies. Clients without any memory replace some of those that are lost with it.
    (node) => {
      node.isCut = true
      this.#after(this.#random.integer(BEAT * 2), () => {
        if (node.isDead) return
        this.#forget(({ channel }) => channel?.node === node && this.#chance(0.5))
        this.#kill(node)
      })
    },
    (node) => {
      node.isFrozen = true
      this.#after(this.#random.integer(BEAT * 12), () => {
        node.isFrozen = false
      })
    },
    (node) => {
      node.isCut = true
      this.#after(this.#random.integer(BEAT * 12), () => {
        node.isCut = false
      })
    },
    (node) => {
      node.isDeaf = true
    },
    // A snapshot of a node that is as far as any, or a little behind. What is kept begins there, or earlier.
    (node) => {
      const { end } = this.#logs.game
      const { position } = node.reader
      if (position < this.#logs.game.dropped || node.isDeaf || end === 0) return
      const state = node.parts.state.snapshot()
      this.#logs.game.truncate(position - this.#random.integer(3), { state, position })
    },
    (node) => this.#nodes.push(this.#newNode(node)),
    () => {
      for (const { channel } of this.#cells) if (channel !== undefined && this.#chance(0.5)) this.#leave(channel)
    },
    () => this.#forget(() => true)
  ]

  /** A node that starts reads the whole log, or everything after a snapshot. */
  #newNode(other: SimulatedNode | undefined): SimulatedNode {
    const isUseful = other !== undefined && other.reader.position >= this.#logs.game.dropped
    return new SimulatedNode(this.#logs, this.#left, isUseful && this.#chance(0.5) ? other : undefined)
  }

  #kill(node: SimulatedNode): void {
    node.kill(this.#random)
    for (const cell of this.#cells) if (cell.channel?.node === node) cell.channel = undefined
    this.#nodes = this.#nodes.filter((each) => each !== node)
    if (this.#nodes.every(({ isDead }) => isDead)) this.#nodes.push(new SimulatedNode(this.#logs, this.#left))
    const orphaned = this.#onDeath.filter((each) => each.node === node)
    this.#onDeath = this.#onDeath.filter((each) => each.node !== node)
    for (const { happen } of orphaned) happen()
  }

  /** The processes of these cells die, and others without any memory take over. */
  #forget(isLost: (cell: SimulatedCell) => boolean): void {
    if (this.#isResetting) return
    this.#cells = this.#cells.map((cell) => {
      if (!isLost(cell)) return cell
      if (cell.channel !== undefined) this.#leave(cell.channel)
      return new SimulatedCell(cell.index, this.#reference)
    })
  }

  /**
   * Everything is read, and all nodes beat until they know which nodes live. Then they must agree, and count correctly.
   */
  async #settle(): Promise<void> {
    this.#faults = 0
    await this.#until(() => this.#later.length === 0 && this.#nodes.every(({ isDeaf }) => !isDeaf), MAX_STEPS)
    const end = this.#time + BEAT * 12
    // The more nodes were silent for long and came back, the later a dead one is removed.
    const agree = () => this.#nodes.every(({ parts }) => parts.state.nodes.names.length === this.#nodes.length)
    await this.#until(
      () => this.#time >= end && agree() && this.#cells.every(({ channel }) => channel !== undefined),
      MAX_STEPS
    )
    this.#drain()
    const size = this.#cells.length
    const expected = { expected: size, connected: size, subscribed: size, broken: 0, phase: "running" }
    for (const { parts } of this.#nodes) {
      const seen = { ...parts.state.barrier }
      for (const [key, value] of Object.entries(expected))
        if (seen[key as keyof typeof seen] !== value) throw new Error(`a node sees ${JSON.stringify(seen)}`)
      if (parts.state.nodes.names.length !== this.#nodes.length)
        throw new Error(`a node sees ${parts.state.nodes.names.length} of ${this.#nodes.length} nodes`)
    }
    const snapshots = new Set(this.#nodes.map(({ parts }) => Buffer.from(parts.state.snapshot()).toString("latin1")))
    if (snapshots.size > 1) throw new Error("nodes hold different states")
  }

  #drain(): void {
    for (const node of this.#nodes) node.append()
    for (const { reader } of this.#nodes) reader.arrive(Number.MAX_SAFE_INTEGER)
    for (const { isDeaf, reader } of this.#nodes) if (!isDeaf) reader.read(Number.MAX_SAFE_INTEGER)
  }

  #chance(probability: number): boolean {
    return this.#random.number() < probability
  }

  #any<A>(all: ReadonlyArray<A>): A | undefined {
    return all.length === 0 ? undefined : all[this.#random.integer(all.length)]
  }
}

/** The error of a game. */
export const problemOf = async (options: SimulationOptions): Promise<string | undefined> => {
  try {
    await new Simulation(options).run()
    return undefined
  } catch (error) {
    return `seed ${options.seed}: ${error instanceof Error ? error.message : error}`
  }
}
