/** The figures beside the grid, and their graphs. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { element } from "../../Element.ts"
import { count, duration, rate } from "../Model/Format.ts"
import type { StepRange } from "../Model/Model.ts"
import { generation } from "../Model/Progress.ts"
import { Rates } from "../Model/Rates.ts"
import type { Size } from "../Model/Viewport.ts"
import { Graph } from "./Graph.ts"

/** Milliseconds between samples of the graphs. */
const sampleInterval = 250

/** Milliseconds over which rates are taken. */
const rateWindow = 3_000

/**
 * Milliseconds without news after which nothing is going on: the server tells figures as they change, and the page asks for
 * news once a second at least.
 */
const idleAfter = 1_500

export class Instruments {
  readonly #generation = element("generation", HTMLElement)
  readonly #spread = element("spread", HTMLElement)
  readonly #population = element("population", HTMLElement)
  readonly #births = element("births", HTMLElement)
  readonly #deaths = element("deaths", HTMLElement)
  readonly #stepsRate = element("steps-rate", HTMLElement)
  readonly #messagesRate = element("messages-rate", HTMLElement)
  readonly #latency = element("latency", HTMLElement)
  readonly #workers = element("workers", HTMLElement)
  readonly #subscribed = element("subscribed", HTMLElement)
  readonly #watchers = element("watchers", HTMLElement)
  readonly #populationGraph = new Graph(element("population-graph", HTMLElement), "Population")
  readonly #rateGraph = new Graph(element("rate-graph", HTMLElement), "Steps a second")
  readonly #rates = new Rates<"messages" | "deliveries" | "births" | "deaths">(rateWindow)
  #last: StatusBlock | undefined
  #toldAt = 0
  #game = 0
  #cells = 0
  #sampledAt = Number.NEGATIVE_INFINITY

  restyle(): void {
    this.#populationGraph.restyle()
    this.#rateGraph.restyle()
  }

  /** The line was lost: what comes next does not follow what was. */
  interrupt(): void {
    this.#last = undefined
    this.#rates.clear()
    if (Number.isFinite(this.#sampledAt)) this.#sample(this.#sampledAt + 1, null, null)
    this.#messagesRate.textContent = "–"
    this.#stepsRate.textContent = "–"
    this.#latency.textContent = "–"
  }

  /** Shows `steps` and `population` of what is seen, and the figures of the game as it is now. */
  show(status: StatusBlock, grid: Size, steps: StepRange, population: number): void {
    this.#showGeneration(steps)
    this.#population.textContent = count(population)
    if (status === this.#last) return
    this.#last = status
    this.#cells = grid.width * grid.height
    this.#toldAt = performance.now()
    this.#show(status)
  }

  #show(status: StatusBlock): void {
    if (status.game !== this.#game || status.time < this.#sampledAt) this.#begin(status.game)
    this.#rates.add(status)
    const cells = this.#cells
    const stepsRate = cells === 0 ? 0 : this.#rates.perSecond("messages") / cells
    this.#births.textContent = this.#perStep("births", cells)
    this.#deaths.textContent = this.#perStep("deaths", cells)
    this.#stepsRate.textContent = rate(stepsRate)
    this.#messagesRate.textContent = count(this.#rates.perSecond("messages") + this.#rates.perSecond("deliveries"))
    this.#latency.textContent = Number.isNaN(status.latency) ? "–" : duration(status.latency)
    this.#workers.textContent = count(status.connected)
    this.#subscribed.textContent = count(status.subscribed)
    this.#watchers.textContent = count(status.watchers)
    if (status.time - this.#sampledAt < sampleInterval) return
    this.#sample(status.time, status.population, stepsRate)
    this.#populationGraph.describe(`Graph of the population, now ${count(status.population)}`)
    this.#rateGraph.describe(`Graph of steps a second, now ${rate(stepsRate)}`)
  }

  /** Nothing was told for a while: the figures are still what they were, but later. */
  idle(): void {
    const silence = performance.now() - this.#toldAt
    if (this.#last === undefined || silence < idleAfter) return
    this.#show({ ...this.#last, time: this.#last.time + silence - idleAfter / 2 })
  }

  #begin(game: number): void {
    this.#game = game
    this.#sampledAt = Number.NEGATIVE_INFINITY
    this.#rates.clear()
    this.#populationGraph.clear()
    this.#rateGraph.clear()
  }

  #showGeneration(steps: StepRange): void {
    this.#generation.textContent = generation(steps)
    const spread = steps.max - steps.min
    this.#spread.textContent =
      steps.max < 0 ? "" : spread === 0 ? "all cells in step" : `cells up to ${count(spread)} apart`
  }

  #perStep(name: "births" | "deaths", cells: number): string {
    const steps = this.#rates.growth("messages") / Math.max(1, cells)
    return steps === 0 ? "–" : rate(this.#rates.growth(name) / steps)
  }

  #sample(time: number, population: number | null, stepsRate: number | null): void {
    this.#sampledAt = time
    this.#populationGraph.add(time / 1000, population)
    this.#rateGraph.add(time / 1000, stepsRate)
  }
}
