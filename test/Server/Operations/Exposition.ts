/**
 * A strict reader of Prometheus's text format, written from its description. It throws at the first line that breaks a
 * rule. https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export interface Family {
  readonly type: string
  readonly help: string | undefined
  /** The values, by name and labels as written. */
  readonly samples: Map<string, number>
  /** The values of labels, unescaped. */
  readonly values: Set<string>
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/s
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

const suffixes: Readonly<Record<string, RegExp>> = {
  counter: /^$/,
  gauge: /^$/,
  histogram: /^(_bucket|_sum|_count)$/,
  summary: /^(|_sum|_count)$/
}

export const parse = (text: string): ReadonlyMap<string, Family> => {
  const lines = text.split("\n")
  const families = new Map<string, Family>()
  if (lines.pop() !== "") throw new Error("The last line must end with a line feed")
  let help: { readonly name: string; readonly text: string } | undefined
  let current: { readonly name: string; readonly family: Family } | undefined
  for (const line of lines) {
    const fail = (problem: string): never => {
      throw new Error(`${problem}: ${JSON.stringify(line)}`)
    }
    const [, hash, name = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line) ?? []
    if (hash === "HELP") {
      if (help !== undefined || /\\(?![\\n])/.test(rest.replaceAll("\\\\", ""))) fail("no such help")
      help = { name, text: unescaped(rest) }
    } else if (hash === "TYPE") {
      if (families.has(name)) fail("all of a name must stand together")
      if (help !== undefined && help.name !== name) fail("the help of another")
      if (suffixes[rest] === undefined) fail("no such type")
      const family: Family = { type: rest, help: help?.text, samples: new Map(), values: new Set() }
      families.set(name, family)
      current = { name, family }
      help = undefined
    } else {
      const [, sample, labels = "", value] = SAMPLE.exec(line) ?? fail("no sample")
      if (current === undefined || !sample!.startsWith(current.name)) return fail("a sample of another name")
      const { family } = current
      if (!suffixes[family.type]!.test(sample!.slice(current.name.length))) fail("not of its type")
      const names = new Set<string>()
      let at = 0
      while (at < labels.length) {
        LABEL.lastIndex = at
        const [all, label, escaped] = LABEL.exec(labels) ?? fail("no label")
        if (names.has(label!)) fail("a label twice")
        names.add(label!)
        family.values.add(unescaped(escaped!))
        at += all!.length
      }
      const series = line.slice(0, line.lastIndexOf(" "))
      if (family.samples.has(series)) fail("a sample twice")
      family.samples.set(series, value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value))
    }
  }
  return families
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, (_, char) => (char === "n" ? "\n" : char))
