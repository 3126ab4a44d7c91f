/** A graph of one figure over the last minutes. */
import uPlot from "uplot"

const height = 110

/** Samples kept: at four a second, five minutes. */
const limit = 1_200

export class Graph {
  readonly #container: HTMLElement
  readonly #label: string
  readonly #times: Array<number> = []
  readonly #values: Array<number | null> = []
  #plot: uPlot | undefined

  constructor(container: HTMLElement, label: string) {
    this.#container = container
    this.#label = label
    new ResizeObserver(() => this.#plot?.setSize({ width: container.clientWidth, height })).observe(container)
  }

  /** Takes the colours of the page, also after they changed. */
  restyle(): void {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour("--muted"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif"
    }
    this.#plot?.destroy()
    this.#plot = new uPlot(
      {
        width: Math.max(120, this.#container.clientWidth),
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false },
          // Nothing here is ever negative, and a steady value is seen in the middle.
          y: {
            range: (_, low, high) => (low === high ? [0, Math.max(1, 2 * high)] : uPlot.rangeNum(low, high, 0.1, true))
          }
        },
        axes: [
          { ...axis, size: 22, space: 60, values: (_, ticks) => ticks.map((seconds) => `${Math.round(seconds)} s`) },
          { ...axis, size: 46, space: 30 }
        ],
        series: [
          {},
          {
            label: this.#label,
            stroke: colour("--accent"),
            fill: `color-mix(in srgb, ${colour("--accent")} 14%, transparent)`,
            width: 1.5,
            points: { show: false }
          }
        ]
      },
      this.#data(),
      this.#container
    )
  }

  clear(): void {
    this.#times.length = 0
    this.#values.length = 0
    this.#plot?.setData(this.#data())
  }

  /** Adds the value at a time in seconds; `null` leaves a gap. */
  add(seconds: number, value: number | null): void {
    this.#times.push(seconds)
    this.#values.push(value)
    if (this.#times.length > limit) {
      this.#times.splice(0, this.#times.length - limit)
      this.#values.splice(0, this.#values.length - limit)
    }
    this.#plot?.setData(this.#data())
  }

  /** Names the graph for those who do not see it. */
  describe(text: string): void {
    this.#container.setAttribute("aria-label", text)
  }

  /** Times are told back from now, the last sample. */
  #data(): uPlot.AlignedData {
    const now = this.#times.at(-1) ?? 0
    return [this.#times.map((time) => time - now), this.#values]
  }
}
