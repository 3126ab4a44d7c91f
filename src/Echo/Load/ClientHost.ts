import type { Failure } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { Appointment, DeadlineHeap } from "./DeadlineHeap.ts"
import type { Flow } from "./Flow.ts"
import type { Script } from "./Talk.ts"

/** What a client needs of the run that it is a part of. Times are milliseconds of the run's clock. */
export interface ClientHost<Client> {
  /** The scenario of a client, by its number. */
  readonly flowOf: (client: number) => Flow
  readonly timers: DeadlineHeap<Appointment>
  readonly recorder: Recorder
  readonly now: () => number
  /** Evenly from 0 up to 1. */
  readonly random: () => number
  readonly dial: (client: Client) => () => void
  /** The scripts of the plan, by their files. */
  readonly scripts: ReadonlyMap<string, Script>
  /** Gives a client its rows of the data; and what is the same for all clients. */
  readonly giveRows: (client: Client) => void
  /** Calls back once what has been read is handled. */
  readonly soon: (act: () => void) => void
  readonly environment: ReadonlyMap<string, string>
  /** When this client's next round is due: `NaN` while that is not known yet, at once where there is no plan. */
  readonly nextRound: (client: Client) => number
  /** Whether open-ended repeats end now. */
  readonly isOver: (client: Client) => boolean
  readonly opened: (client: Client) => void
  readonly settled: (client: Client, failure: Failure | undefined) => void
}
