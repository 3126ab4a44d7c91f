import type { Failure } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { Appointment, DeadlineHeap } from "./DeadlineHeap.ts"
import type { Flow } from "./Flow.ts"
import type { Script } from "./Talk.ts"

/** A client by its number, from 1. */
interface Numbered {
  readonly client: number
}

/** The part of a run that its conversations use. Times are milliseconds of the run's clock. */
export interface SessionHost {
  /** The scenario of a client, by its number. */
  readonly flowOf: (client: number) => Flow
  readonly timers: DeadlineHeap<Appointment>
  readonly recorder: Recorder
  readonly now: () => number
  /** Evenly from 0 up to 1. */
  readonly random: () => number
  /** The scripts of the plan, by their files. */
  readonly scripts: ReadonlyMap<string, Script>
  /** Calls back once what has been read is handled. */
  readonly soon: (act: () => void) => void
  readonly environment: ReadonlyMap<string, string>
  /** When this client's next round is due: `NaN` while that is not known yet, at once where there is no plan. */
  readonly nextRound: (client: Numbered) => number
  /** Whether open-ended repeats end now. */
  readonly isOver: (client: Numbered) => boolean
}

/** The part of a run that its clients use. */
export interface ClientHost<Client> extends SessionHost {
  readonly dial: (client: Client) => () => void
  /** Gives a client its rows of the data; and what is the same for all clients. */
  readonly giveRows: (client: Client) => void
  readonly opened: (client: Client) => void
  readonly settled: (client: Client, failure: Failure | undefined) => void
}
