/** Collects the metrics of all processes for one that asks. */
import type { ChildProcess } from "./ChildProcess.ts"
import * as MergedExposition from "./MergedExposition.ts"

/** Milliseconds to wait for answers. A process that hangs must not delay the metrics of the others. */
const PATIENCE = 1000

/** A request for all metrics that is not answered yet. */
interface Round {
  readonly texts: Map<string, string>
  /** How many processes must answer. */
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
      clearTimeout(timer)
      this.#rounds.delete(number)
      const inOrder = [...texts].sort(([a], [b]) => Number(a) - Number(b))
      asker.tell({ _tag: "Collected", question, text: MergedExposition.merge(new Map(inOrder)) })
    }
    const timer = setTimeout(answer, PATIENCE)
    this.#rounds.set(number, { texts, expected: members.length, answer })
    for (const member of members) member.tell({ _tag: "Collect", round: number })
  }

  /** Takes the metrics of a process for a round. Metrics for a round that is over are dropped. */
  take(process: number, number: number, text: string): void {
    const round = this.#rounds.get(number)
    if (round === undefined) return
    round.texts.set(String(process), text)
    if (round.texts.size >= round.expected) round.answer()
  }
}
