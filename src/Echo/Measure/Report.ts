import * as Schema from "effect/Schema"
import * as Compression from "./Compression.ts"
import { FailureGroup, FailureLog } from "./Failure.ts"
import { Histogram, HistogramFromData } from "./Histogram.ts"
import * as Monoid from "./Monoid.ts"
import * as Named from "./Named.ts"
import * as TimeSeries from "./TimeSeries.ts"

const histogram: Monoid.Field<typeof HistogramFromData> = {
  schema: HistogramFromData,
  empty: new Histogram(),
  combine: Histogram.sum
}

/**
 * The results of a run, or of one process of a run. Times are in milliseconds. All figures of two processes together are exact
 * except `peak`: the sum is an upper bound, and the leader of the run, which sees all processes at the same time, replaces it.
 */
const report = Monoid.struct({
  clients: Monoid.sum,
  elapsed: Monoid.max,
  /** The most connections that were open at the same time. */
  peak: Monoid.sum,
  /** The number of conversations that began. Each counts in one of the next three fields. */
  started: Monoid.sum,
  completed: Monoid.sum,
  failed: Monoid.sum,
  /** Conversations that the user or the death of a process ended early. */
  cut: Monoid.sum,
  /** Clients that did not start because the user stopped the run. */
  notStarted: Monoid.sum,
  sent: Monoid.sum,
  received: Monoid.sum,
  /** Bytes of WebSocket frames, before TLS. Headers and control frames are included, the handshake is not. */
  wire: Monoid.struct({ sent: Monoid.sum, received: Monoid.sum }),
  /** Absent if no client offered compression. */
  compression: Monoid.optional(Compression.Compression, Compression.merge),
  /** Messages that no reply came to. */
  unanswered: Monoid.sum,
  /** The number of messages that were due by a planned rate. `paced` is how many of them were sent. */
  planned: Monoid.optional(Schema.Number, Monoid.add),
  paced: Monoid.sum,
  /** The part of the run from which rates are computed (`LoadWindow`). */
  load: Monoid.struct({
    time: Monoid.max,
    sent: Monoid.sum,
    received: Monoid.sum,
    /** The samples of each time, by the name of its figures. Without a name: all that its histogram has. */
    samples: Monoid.record(Schema.Number, Monoid.add),
    /**
     * Processor time of the tool in seconds, and the seconds in which its event loops had work, with the time in which they waited
     * for a processor.
     */
    cpu: Monoid.sum,
    busy: Monoid.sum
  }),
  connect: histogram,
  handshake: histogram,
  /** From the planned time of sending, or from the actual time if there is no planned rate, to the reply. */
  roundTrip: histogram,
  /** From the actual time of sending to the reply. Empty without a planned rate. */
  uncorrected: histogram,
  named: { schema: Named.Named, empty: Named.empty(Named.always), combine: Named.merge },
  /** How late the tool's own timers were. The tool adds about this much to the times above. */
  loopDelay: histogram,
  /** The number of processes of the tool, and the processor time of all of them in seconds. */
  processes: Monoid.sum,
  cpu: Monoid.sum,
  /** The most resident memory of the tool, in bytes. */
  memory: Monoid.sum,
  failures: Monoid.list(FailureGroup, FailureLog.sum),
  seconds: Monoid.list(TimeSeries.Second, TimeSeries.merge),
  /** The last second of the warm-up; 0 without one. `seconds` does not contain the warm-up. */
  warmUpUntil: Monoid.max,
  interrupted: Monoid.some,
  /** Messages about processes or agents that died. Figures that they had not reported are lost. */
  lostProcesses: Monoid.list(Schema.String)
})

export const Report = report.schema
export type Report = typeof Report.Type

/** The report of a run without clients. */
export const emptyReport: Report = report.empty

export const merge = report.combine

/** Joins the reports of two consecutive runs into one: the seconds of the second run follow the seconds of the first. */
export const inTurn = (a: Report, b: Report): Report => {
  const both = merge({ ...a, seconds: [] }, { ...b, seconds: [] })
  const last = a.seconds.at(-1)
  const later = b.seconds.map((row) => ({
    ...row,
    second: row.second + (last?.second ?? 0),
    completed: row.completed + a.completed,
    failed: row.failed + a.failed
  }))
  return {
    ...both,
    clients: Math.max(a.clients, b.clients),
    elapsed: a.elapsed + b.elapsed,
    peak: Math.max(a.peak, b.peak),
    load: { ...both.load, time: a.load.time + b.load.time },
    processes: Math.max(a.processes, b.processes),
    memory: Math.max(a.memory, b.memory),
    seconds: TimeSeries.SeriesRows.of([...a.seconds, ...later]).all
  }
}

/** Whether every conversation was correct. Conversations that the user ended early do not count. */
export const isRight = (report: Report): boolean => report.failed === 0 && report.lostProcesses.length === 0

/** The number of processors that the tool used under load. Each of its processes can use little more than one. */
export const toolCpu = ({ load }: Report): number => load.cpu / (load.time / 1000)

/** The part of the time under load in which the event loops of the tool had work. */
export const toolBusy = ({ load, processes }: Report): number => load.busy / ((load.time / 1000) * processes)

/** If the tool is busy for more than this part of the time, the tool is the limit. */
const BUSY = 0.9
/** The part of the planned messages that may stay unsent. */
const MISSING = 0.01

/** Whether the tool was too busy to send all planned messages. Then the figures say nothing about the server. */
export const isOverloaded = (report: Report): boolean =>
  report.planned !== undefined && report.paced < report.planned * (1 - MISSING) && toolBusy(report) > BUSY
