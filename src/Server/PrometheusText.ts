/** Figures in the text format that Prometheus reads (version 0.0.4). */

export interface Family {
  /** Base units, as Prometheus asks for: seconds, bytes; `_total` at the end of counters. */
  readonly name: string
  readonly help: string
  readonly type: "counter" | "gauge"
  /** A number, or one for each value of a label. */
  readonly value: number | { readonly label: string; readonly values: Iterable<readonly [string | number, number]> }
}

export const contentType = "text/plain; version=0.0.4; charset=utf-8"

export const render = (families: Iterable<Family>): string => [...families].map(renderFamily).join("")

const renderFamily = ({ help, name, type, value }: Family): string => {
  const head = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`
  if (typeof value === "number") return `${head}${name} ${format(value)}\n`
  const lines = [...value.values].map(
    ([key, each]) => `${name}{${value.label}="${escaped(String(key)).replaceAll('"', '\\"')}"} ${format(each)}\n`
  )
  return head + lines.join("")
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const format = (value: number): string => (value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value))
