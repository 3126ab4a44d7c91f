/**
 * The generations of a log, which its readers know from the notices in it. What was written in an earlier one no longer counts. A
 * generation begins because the engine has lost its newest entries, or because the beginning of the log is lost. The second kind may
 * be a mistake: a process that has the beginning was only silent for long. That process overrules it, and it is void.
 */
import type { GenerationNotice } from "./LogFrame.ts"

export const FIRST: ReadonlyArray<string> = ["0"]
const MAX_GENERATIONS = 16

/** The position of the notice that began it, and that notice's writer. */
const nameOf = (position: number, writer: string): string => `${position}-${writer}`

export class LogGenerations {
  #known = FIRST
  /** A generation that is void, because another process had the whole log. */
  #void: string | undefined
  /** The same, while this is that process and has not read its own notice of it. A notice may be lost, so it is repeated until then. */
  #overruled: string | undefined
  /** The position of that generation. A notice of it may be in the log again, which the process that began it takes for a copy. */
  #overruledAt = 0

  /** The generations up to the present one, at most `MAX_GENERATIONS`. */
  get known(): ReadonlyArray<string> {
    return this.#known
  }

  get present(): string {
    return this.#known.at(-1)!
  }

  /** The generation that this process overrules. */
  get overruled(): string | undefined {
    return this.#overruled
  }

  isVoid(generation: string | undefined): boolean {
    return generation === this.#void
  }

  /** The reader begins in the last one of these. */
  begin(known: ReadonlyArray<string>): void {
    this.#known = known
    this.#overruledAt = 0
  }

  /** Whether a notice begins another generation. Otherwise another process was faster. */
  isNew(notice: GenerationNotice): boolean {
    if ("from" in notice) return notice.from.includes(this.present)
    return Math.max(Number.parseInt(this.present, 10), this.#overruledAt) <= notice.end
  }

  add(position: number, writer: string): void {
    this.#known = [...this.#known, nameOf(position, writer)].slice(-MAX_GENERATIONS)
  }

  /** This process has the whole log, and does not follow into the generation that a notice at this position began. */
  overrule(position: number, writer: string): void {
    this.#overruled = nameOf(position, writer)
    this.#overruledAt = position
  }

  /** Another process overrules this generation. Returns whether that is the present one, so the reader must begin again. */
  dropOverruled(generation: string | undefined): boolean {
    if (generation !== this.present) return false
    this.#void = generation
    return true
  }

  /** The notice that overrules this generation was read, and the snapshot that replaces it is saved. */
  overruleRead(generation: string | undefined): void {
    if (generation === this.#overruled) this.#overruled = undefined
  }
}
