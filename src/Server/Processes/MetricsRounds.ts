/** Collects the metrics of all processes for one that asks. */
import { real } from "../../Time/Timer.ts"
import type { ChildProcess } from "./ChildProcess.ts"

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

/** Merges texts, by the name of their process. A family has the description of the first one. Sorted by name. */
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

/** Milliseconds to wait for answers. A process that hangs must not delay the metrics of the others. */
const ANSWER_TIMEOUT = 1000

/** A request for all metrics that is not answered yet. */
interface Round {
  readonly texts: Map<string, string>
  readonly expected: number
  readonly answer: () => void
}

export class MetricsRounds {
  readonly #rounds = new Map<number, Round>()
  #last = 0

  /** Asks all `members`. Sends `asker` the answers when all have answered, or when the time is over. */
  ask(members: ReadonlyArray<ChildProcess>, asker: ChildProcess, question: number): void {
    const number = ++this.#last
    const texts = new Map<string, string>()
    const answer = (): void => {
      stop()
      this.#rounds.delete(number)
      const inOrder = [...texts].sort(([a], [b]) => Number(a) - Number(b))
      asker.post({ _tag: "Collected", question, text: merge(new Map(inOrder)) })
    }
    const stop = real.after(ANSWER_TIMEOUT, answer)
    this.#rounds.set(number, { texts, expected: members.length, answer })
    for (const member of members) member.post({ _tag: "Collect", round: number })
  }

  /** Takes the metrics of a process for a round. Metrics for a round that is over are dropped. */
  take(process: number, number: number, text: string): void {
    const round = this.#rounds.get(number)
    if (round === undefined) return
    round.texts.set(String(process), text)
    if (round.texts.size >= round.expected) round.answer()
  }
}
