/** The definition of one figure of a scenario. Figures are stored in the unit in which they are shown. */
export interface Metric {
  readonly key: string
  readonly label: string
  readonly unit: string
  readonly better: "lower" | "higher"
  /** The number of decimals. */
  readonly digits: number
}

/** One run's figures, by the key of their metric. */
export type Figures = Readonly<Record<string, number>>

export const cpuPer = (what: string, digits = 2): Metric => ({
  key: "cpu",
  label: `server CPU per ${what}`,
  unit: "µs",
  better: "lower",
  digits
})

export const memory: Metric = { key: "memory", label: "server memory", unit: "MiB", better: "lower", digits: 0 }

export const show = (metric: Metric, value: number): string => value.toFixed(metric.digits)
