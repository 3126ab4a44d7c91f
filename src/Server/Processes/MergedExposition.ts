/**
 * Merges the metrics of several processes into one text in Prometheus's format. Each sample gets the label `process`.
 */

/** The lines before a family's samples, and the samples. */
interface Family {
  readonly head: ReadonlyArray<string>
  readonly samples: Array<string>
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/

/** `name{a="b"} 1` as `name{process="2",a="b"} 1`. */
const labelled = (line: string, process: string): string =>
  line.replace(samplePattern, (_, name: string, labels: string | undefined, value: string) => {
    const all = [`process="${process}"`, ...(labels === undefined || labels === "" ? [] : [labels])]
    return `${name}{${all.join(",")}} ${value}`
  })

/**
 * Merges texts, by the name of their process. A family that several processes have gets the description of the first
 * one. Families are sorted by name.
 */
export const merge = (texts: ReadonlyMap<string, string>): string => {
  const families = new Map<string, Family>()
  for (const [process, text] of texts) {
    let head: Array<string> = []
    let samples: Array<string> = []
    for (const line of text.split("\n")) {
      if (line === "") continue
      if (!line.startsWith("#")) {
        samples.push(labelled(line, process))
        continue
      }
      head.push(line)
      const [, kind, name = ""] = line.split(" ", 3)
      // The type is the last line before the samples.
      if (kind !== "TYPE") continue
      const family = families.get(name) ?? { head, samples: [] }
      families.set(name, family)
      head = []
      samples = family.samples
    }
  }
  return [...families]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, { head, samples }]) => `${[...head, ...samples].join("\n")}\n`)
    .join("")
}
