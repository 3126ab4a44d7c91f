/** The figures beside the grid, and their graphs. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { element, setText } from "../../Element.ts"
import { brief, bytes, count, duration, rate } from "../Model/Format.ts"
import type { StepRange } from "../Model/Model.ts"
import { generation } from "../Model/Progress.ts"
import { Rates } from "../Model/Rates.ts"
import type { Rhythm } from "../Model/Rhythm.ts"
import { StepClock } from "../Model/StepClock.ts"
import type { Size } from "../Model/Viewport.ts"
import { Graph } from "./Graph.ts"

/** Rates are computed over this many milliseconds. The first one is shown after this time. */
const RATE_WINDOW = 3_000
const FIRST_RATE_AFTER = 1_000

/**
 * After this many milliseconds without a message, nothing happens in the game. The server sends figures when they change, and
 * the page asks for news at least once per second.
 */
const IDLE_AFTER = 1_500

export class Instruments {
  readonly #generation = element("generation", HTMLElement)
  readonly #spread = element("spread", HTMLElement)
  readonly #population = element("population", HTMLElement)
  readonly #rhythm = element("rhythm", HTMLElement)
  readonly #births = element("births", HTMLElement)
  readonly #deaths = element("deaths", HTMLElement)
  readonly #stepsRate = element("steps-rate", HTMLElement)
  readonly #drawn = element("drawn", HTMLElement)
  readonly #workersOf = element("workers-of", HTMLElement)
  readonly #deliveriesRate = element("deliveries-rate", HTMLElement)
  readonly #memory = element("memory", HTMLElement)
  readonly #memoryEach = element("memory-each", HTMLElement)
  readonly #messagesRate = element("messages-rate", HTMLElement)
  readonly #latency = element("latency", HTMLElement)
  readonly #workers = element("workers", HTMLElement)
  readonly #subscribed = element("subscribed", HTMLElement)
  readonly #watchers = element("watchers", HTMLElement)
  readonly #populationGraph = new Graph(element("population-graph", HTMLElement), {
    name: "Population",
    format: brief,
    isRate: false
  })
  readonly #rateGraph = new Graph(element("rate-graph", HTMLElement), {
    name: "Steps per second",
    format: (value) => (value < 10 ? String(Math.round(value * 10) / 10) : brief(value)),
    isRate: true
  })
  readonly #rates = new Rates<"messages" | "deliveries" | "births" | "deaths">(RATE_WINDOW)
  /** Without the times in which the view was paused. */
  readonly #drawings = new Rates<"drawn">(RATE_WINDOW)
  readonly #clock = new StepClock()
  /** The number of frames that were drawn, whether there are fewer because large areas flash, and whether the view is paused. */
  drawing = { drawn: 0, isCalmed: false, isPaused: false }
  #last: StatusBlock | undefined
  #updatedAt = 0
  #game = 0
  #phase: StatusBlock["phase"] = "idle"
  #cells = 0
  /** The figures before the connection was lost, which are those of now no longer. */
  #old: StatusBlock | undefined
  #sampledAt = Number.NEGATIVE_INFINITY
  readonly #isReplay: boolean

  /** The clients of a recording are not connected, so they have no memory. */
  constructor(isReplay: boolean) {
    this.#isReplay = isReplay
    if (isReplay) setText(element("workers-term", HTMLElement), "Clients recorded")
  }

  restyle(): void {
    this.#populationGraph.restyle()
    this.#rateGraph.restyle()
  }

  /** The connection was lost. The next figures do not continue the last ones. */
  interrupt(): void {
    this.#old = this.#last ?? this.#old
    this.#last = undefined
    this.#clearRates()
    if (Number.isFinite(this.#sampledAt)) {
      this.#populationGraph.add(this.#sampledAt / 1000, null)
      this.#rateGraph.add(this.#sampledAt / 1000, null)
    }
    setText(this.#messagesRate, "–")
    setText(this.#deliveriesRate, "–")
    setText(this.#stepsRate, "–")
    setText(this.#latency, "–")
  }

  /** Shows `steps` and `population` of the frame that is seen, and the current figures of the game, which is at `current`. */
  show(status: StatusBlock, grid: Size, current: StepRange, steps: StepRange, population: number): void {
    this.#showGeneration(steps)
    if (status !== this.#last) this.#clock.note(status.game, current.min, status.time)
    // Before every cell has published its first state, the population is not known.
    const isKnown = status.messages >= grid.width * grid.height && status.phase !== "idle"
    setText(this.#population, isKnown ? count(population) : "–")
    if (status === this.#last || status === this.#old) return
    this.#last = status
    this.#cells = grid.width * grid.height
    this.#updatedAt = performance.now()
    this.#show(status)
  }

  #show(status: StatusBlock): void {
    if (status.game !== this.#game || status.time < this.#sampledAt) this.#begin(status.game)
    // The time in which workers connect must not be part of the average of the first steps.
    if (status.phase !== this.#phase && status.phase === "running") this.#clearRates()
    this.#phase = status.phase
    this.#rates.add(status)
    if (this.drawing.isPaused) this.#drawings.clear()
    else this.#drawings.add({ time: status.time, drawn: this.drawing.drawn })
    const cells = this.#cells
    // The first states of the cells are no steps.
    const isKnown = status.phase === "running" && status.greatest > 0 && this.#rates.span >= FIRST_RATE_AFTER
    const slow = this.#clock.perSecond(status.time)
    // Rates below two a second are measured by the steps, because the window contains too few of them.
    const isSlow = slow !== undefined && slow < 2
    const stepsRate = cells === 0 ? 0 : isSlow ? slow : this.#rates.perSecond("messages") / cells
    setText(this.#births, this.#perStep("births", cells))
    setText(this.#deaths, this.#perStep("deaths", cells))
    setText(this.#stepsRate, isKnown ? rate(stepsRate) : "–")
    setText(this.#drawn, isKnown ? this.#skipped(stepsRate) : "")
    const messages = isSlow ? slow * cells : this.#rates.perSecond("messages")
    const perMessage = status.messages === 0 ? 0 : status.deliveries / status.messages
    const deliveries = isSlow ? messages * perMessage : this.#rates.perSecond("deliveries")
    setText(this.#messagesRate, isKnown ? count(messages) : "–")
    setText(this.#deliveriesRate, isKnown ? count(deliveries) : "–")
    setText(this.#workersOf, status.phase === "idle" ? "" : `of ${count(cells)}`)
    const { memory, memoryBefore } = status
    // What the process takes without clients is no cost of a connection.
    const taken = memoryBefore > 0 && status.connected > 0 && !this.#isReplay ? memory - memoryBefore : 0
    setText(this.#memoryEach, taken > 0 ? bytes(taken / (status.connected + status.watchers)) : "–")
    setText(this.#memory, taken > 0 ? `above the ${bytes(memoryBefore)} at first` : memory > 0 ? bytes(memory) : "")
    // That of the last message is not the one of now when no more have come for a while, as in a paused run.
    const isLive = status.phase === "running" && !(isKnown && messages === 0)
    const hasLatency = isLive && !Number.isNaN(status.latency)
    setText(this.#latency, hasLatency ? duration(status.latency) : "–")
    setText(this.#workers, count(this.#isReplay ? cells : status.connected))
    setText(this.#subscribed, count(status.subscribed))
    setText(this.#watchers, count(status.watchers))
    if (status.phase !== "running") return
    this.#sampledAt = status.time
    if (status.messages >= cells) this.#populationGraph.add(status.time / 1000, status.population)
    if (isKnown) this.#rateGraph.add(status.time / 1000, stepsRate)
  }

  /** Shows whether the game is still or periodic. */
  showRhythm(rhythm: Rhythm | undefined): void {
    const text =
      rhythm === undefined ? "" : rhythm._tag === "Still" ? "still" : `repeats every ${count(rhythm.period)} steps`
    setText(this.#rhythm, text)
  }

  /** There was no message for a while. The figures stay the same, but the graphs move on. */
  idle(): void {
    const silence = performance.now() - this.#updatedAt
    if (this.#last === undefined || silence < IDLE_AFTER) return
    this.#show({ ...this.#last, time: this.#last.time + silence - IDLE_AFTER / 2 })
  }

  #begin(game: number): void {
    this.#game = game
    this.#sampledAt = Number.NEGATIVE_INFINITY
    this.#clearRates()
    this.#populationGraph.clear()
    this.#rateGraph.clear()
  }

  #clearRates(): void {
    this.#rates.clear()
    this.#drawings.clear()
  }

  #showGeneration(steps: StepRange): void {
    setText(this.#generation, generation(steps))
    const spread = steps.max - steps.min
    const text = steps.max < 0 ? "" : spread === 0 ? "all cells in step" : `cells up to ${count(spread)} apart`
    setText(this.#spread, text)
  }

  /** How many of the steps are drawn, if not all of them are. */
  #skipped(stepsRate: number): string {
    if (this.#drawings.span < FIRST_RATE_AFTER) return ""
    const drawn = this.#drawings.growth("drawn") / (this.#drawings.span / 1000)
    // The page draws at least once a second.
    if (stepsRate <= 1 || drawn > 0.85 * stepsRate) return ""
    return rate(drawn) === rate(stepsRate)
      ? ""
      : `${this.drawing.isCalmed ? "calmed, " : ""}drawing ${rate(drawn)} of ${rate(stepsRate)}`
  }

  #perStep(name: "births" | "deaths", cells: number): string {
    const steps = this.#rates.growth("messages") / Math.max(1, cells)
    return steps === 0 ? "–" : rate(this.#rates.growth(name) / steps)
  }
}
