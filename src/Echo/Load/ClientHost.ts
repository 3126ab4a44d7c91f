import type { Failure } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { Address, Player, Playing, Slot } from "../Scenario/Player.ts"
import type { Script } from "../Scenario/ScriptedConversation.ts"
import type { BacklogBudget } from "./Backlog.ts"
import type { Appointment, DeadlineHeap } from "./DeadlineHeap.ts"
import type { LinkHandler } from "./Dialer.ts"
import type { Flow } from "./Flow.ts"
import type { Trace } from "./Trace.ts"

/** The run to which the clients belong. Times are milliseconds of the run's clock. A client's number counts from 1, over all processes. */
export interface Host<Client> {
  /** The scenario of a client, by its number. */
  readonly flowOf: (client: number) => Flow
  readonly timers: DeadlineHeap<Appointment>
  readonly recorder: Recorder
  /** The memory that messages take before a step expects them. */
  readonly backlog: BacklogBudget
  readonly now: () => number
  /** A uniform random number from 0 (included) to 1 (not included). */
  readonly random: () => number
  /** The scripts of the plan, by file. */
  readonly scripts: ReadonlyMap<string, Script>
  /** The k6 scripts of the plan, by file. */
  readonly players: ReadonlyMap<string, Player>
  /** Calls `act` when all data that has been read is handled. */
  readonly soon: (act: () => void) => void
  readonly environment: ReadonlyMap<string, string>
  /** When this client's next round is due; `NaN` if this is not known yet, 0 (at once) if the run has no rate. */
  readonly nextRound: (client: Client) => number
  /** Whether this client's open-ended repeat must end now. */
  readonly isOver: (client: Client) => boolean
  /** Connects a client. `handler` gets the events of its connection. Returns a function that gives up. */
  readonly dial: (client: Client, handler: LinkHandler) => () => void
  /** The same for a script of the client, which says where. */
  readonly dialTo: (client: Client, to: Address, handler: LinkHandler) => () => void
  /** Gets everything that happens; `undefined` in a real run. */
  readonly trace: Trace["Type"] | undefined
  /** Sets the variables of a client from its rows of the data and from the environment. */
  readonly giveRows: (client: Client) => void
  /** What scripts keep for a client that has none yet. */
  readonly takeSlot: (client: Client) => Slot
  readonly nextIteration: Playing["nextIteration"]
  readonly opened: (client: Client) => void
  readonly settled: (client: Client, failure: Failure | undefined) => void
}
