/** Sends the progress of a run to pages, and passes on their requests. */
import type * as Effect from "effect/Effect"
import { isConnecting, type LoadRun, type LoadSnapshot } from "../../../Echo/Load/LoadRun.ts"
import type { Second } from "../../../Echo/Measure/TimeSeries.ts"
import * as Moment from "../../../Echo/Report/Moment.ts"
import * as Observer from "../../../Echo/Report/Observer.ts"
import type { Moment as OneMoment } from "../../../Echo/Report/OverTime.ts"
import { exampleOf } from "../../../Echo/Report/Summary.ts"
import * as Threshold from "../../../Echo/Report/Threshold.ts"
import { describe, type LoadPlan } from "../../../Echo/Scenario/LoadPlan.ts"
import * as Secrets from "../../../Echo/Scenario/Secrets.ts"
import {
  type LoadNews,
  type LoadRequest,
  type LoadStart,
  type LoadState,
  parseLoadRequest
} from "../../../Protocol/LoadView.ts"
import type { Connection } from "../../../WebSocket/Connection/Connection.ts"
import type { Handler } from "../../../WebSocket/Connection/Handler.ts"

type News = LoadNews<OneMoment>

const phaseOf = (snapshot: LoadSnapshot): LoadState["phase"] =>
  snapshot.stopped ? "stopping" : isConnecting(snapshot) ? "connecting" : "loading"

const startOf = (plan: LoadPlan): LoadStart => ({
  type: "start",
  urls: Secrets.urlsOf(plan),
  plan: describe(plan),
  steers: plan.rate === undefined ? "clients" : "rate"
})

/** The load of a request, in the form that a run accepts. */
const loadOf = (steers: LoadStart["steers"], load: number): number => (steers === "clients" ? Math.ceil(load) : load)

/** Milliseconds in which the processes of a run report a new load. */
const STEERING_TIMEOUT = 2000

type Page = Pick<Connection, "send">

export class RunFeed {
  readonly #pages = new Set<Page>()
  readonly #thresholds: ReadonlyArray<Threshold.Threshold>
  readonly #ask: (request: LoadRequest) => void
  #start: LoadStart | undefined
  #state: LoadState | undefined
  /** The seconds of the run that is shown; older ones are joined. */
  #rows: ReadonlyArray<Second> = []
  #observer: Observer.Observer | undefined
  /** The last requested load, as long as the run may not report it yet. */
  #asked: { readonly load: number; readonly until: number } | undefined

  /** Thresholds on figures that are known only at the end are not shown. `ask` is called inside a chunk. */
  constructor(thresholds: ReadonlyArray<Threshold.Threshold>, ask: (request: LoadRequest) => void) {
    this.#thresholds = thresholds.filter(({ figure }) => Observer.knows(figure))
    this.#ask = ask
  }

  open(page: Page): Handler {
    this.#pages.add(page)
    const all = { type: "moments", moments: this.#rows.map(Moment.of) } as const
    for (const news of [this.#start, all, this.#state]) if (news !== undefined) page.send(JSON.stringify(news))
    return {
      onMessage: (message) => {
        const request = typeof message === "string" ? parseLoadRequest(message) : undefined
        if (request !== undefined) this.#hear(request)
        page.send(JSON.stringify({ type: "answered" } satisfies News))
      },
      onClose: () => {
        this.#pages.delete(page)
      }
    }
  }

  begin(plan: LoadPlan, run: Pick<LoadRun, "unsafeSnapshot" | "unsafeSeconds">): void {
    this.#observer = new Observer.Observer(run)
    this.#asked = undefined
    this.#rows = []
    this.#start = startOf(plan)
    this.#publish(this.#start)
    this.poll()
  }

  poll(): void {
    if (this.#observer === undefined) return
    const { report, seconds, snapshot } = this.#observer.poll()
    const moments = seconds.map(Moment.of)
    this.#rows = this.#observer.rows
    if (moments.length > 0) this.#publish({ type: "moments", moments })
    const { clients, completed, connecting, elapsed, failed, open, rate, received, sent, waiting } = snapshot
    this.#state = {
      type: "state",
      phase: phaseOf(snapshot),
      load: this.#loadNow(rate ?? clients),
      ...{ completed, connecting, elapsed, failed, open, received, sent, waiting },
      failures: snapshot.failures.map(({ cause, count, examples: [first], kind }) => ({
        ...{ cause, count, kind, example: first === undefined ? "" : exampleOf(first) }
      })),
      thresholds: this.#thresholds.map((threshold) => {
        const { passed, value } = Threshold.judge(threshold, report)
        return { text: threshold.text, value: Threshold.show(value, threshold.unit), passed }
      })
    }
    this.#publish(this.#state)
  }

  end(): void {
    this.poll()
    this.#observer = undefined
    if (this.#state === undefined) return
    this.#state = { ...this.#state, phase: "ended" }
    this.#publish(this.#state)
  }

  #hear(request: LoadRequest): void {
    this.#ask(request)
    if (request.type !== "steer" || this.#start === undefined) return
    this.#asked = { load: loadOf(this.#start.steers, request.load), until: performance.now() + STEERING_TIMEOUT }
  }

  /** The requested load until the run reports it, because the processes still report their last load for a moment. */
  #loadNow(reported: number): number {
    const asked = this.#asked
    if (asked === undefined) return reported
    if (reported !== asked.load && performance.now() < asked.until) return asked.load
    this.#asked = undefined
    return reported
  }

  #publish(news: News): void {
    if (this.#pages.size === 0) return
    const text = JSON.stringify(news)
    for (const page of this.#pages) page.send(text)
  }
}

export const obey = (run: LoadRun, plan: LoadPlan, request: LoadRequest): Effect.Effect<void> => {
  switch (request.type) {
    case "stop":
      return run.stop
    case "abort":
      return run.abort
    case "steer":
      return run.steer(
        plan.rate === undefined ? { clients: loadOf("clients", request.load) } : { rate: loadOf("rate", request.load) }
      )
  }
}
