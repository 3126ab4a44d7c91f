import * as Schema from "effect/Schema"
import * as Compression from "./Compression.ts"
import { FailureGroup, FailureLog } from "./Failure.ts"
import { Histogram, HistogramFromData } from "./Histogram.ts"
import * as Monoid from "./Monoid.ts"
import * as Named from "./Named.ts"
import * as TimeSeries from "./TimeSeries.ts"
import { Wire } from "./Wire.ts"

/** The results of a run, or of one process of a run. Times are in milliseconds. */
export const Report = Schema.Struct({
  clients: Schema.Number,
  elapsed: Schema.Number,
  /** The most connections that were open at the same time. */
  peak: Schema.Number,
  /** The number of conversations that began. Each counts in one of the next three fields. */
  started: Schema.Number,
  completed: Schema.Number,
  failed: Schema.Number,
  /** Conversations that the user or the death of a process ended early. */
  cut: Schema.Number,
  /** Clients that did not start because the user stopped the run. */
  notStarted: Schema.Number,
  sent: Schema.Number,
  received: Schema.Number,
  wire: Wire,
  /** Absent if no client offered compression. */
  compression: Schema.optional(Compression.Compression),
  /** Messages that no reply came to. */
  unanswered: Schema.Number,
  /** The number of messages that were due by a planned rate. `paced` is how many of them were sent. */
  planned: Schema.optional(Schema.Number),
  paced: Schema.Number,
  /** The part of the run from which rates are computed (`LoadWindow`). */
  load: Schema.Struct({
    time: Schema.Number,
    sent: Schema.Number,
    received: Schema.Number,
    /** The samples of each time, by the name of its figures. Without a name: all that its histogram has. */
    samples: Schema.Record({ key: Schema.String, value: Schema.Number }),
    /**
     * Processor time of the tool in seconds, and the seconds in which its event loops had work, with the time in which they waited
     * for a processor.
     */
    cpu: Schema.Number,
    busy: Schema.Number
  }),
  connect: HistogramFromData,
  handshake: HistogramFromData,
  /** From the planned time of sending, or from the actual time if there is no planned rate, to the reply. */
  roundTrip: HistogramFromData,
  /** From the actual time of sending to the reply. Empty without a planned rate. */
  uncorrected: HistogramFromData,
  named: Named.Named,
  /** How late the tool's own timers were. The tool adds about this much to the times above. */
  loopDelay: HistogramFromData,
  /** The number of processes of the tool, and the processor time of all of them in seconds. */
  processes: Schema.Number,
  cpu: Schema.Number,
  /** The most resident memory of the tool, in bytes. */
  memory: Schema.Number,
  failures: Schema.Array(FailureGroup),
  seconds: Schema.Array(TimeSeries.Second),
  /** The last second of the warm-up; 0 without one. `seconds` does not contain the warm-up. */
  warmUpUntil: Schema.Number,
  interrupted: Schema.Boolean,
  /** Messages about processes or agents that died. Figures that they had not reported are lost. */
  lostProcesses: Schema.Array(Schema.String)
})
export type Report = typeof Report.Type

const histogram: Monoid.Monoid<Histogram> = { empty: new Histogram(), combine: Histogram.sum }

/**
 * The reports of two processes of one run, together. All figures are exact except `peak`: the sum is an upper bound, and the leader
 * of the run, which sees all processes at the same time, replaces it.
 */
const together = Monoid.struct<Report>({
  clients: Monoid.sum,
  elapsed: Monoid.max,
  peak: Monoid.sum,
  started: Monoid.sum,
  completed: Monoid.sum,
  failed: Monoid.sum,
  cut: Monoid.sum,
  notStarted: Monoid.sum,
  sent: Monoid.sum,
  received: Monoid.sum,
  wire: Monoid.struct({ sent: Monoid.sum, received: Monoid.sum }),
  compression: Monoid.optional(Compression.merge),
  unanswered: Monoid.sum,
  planned: Monoid.optional(Monoid.sum.combine),
  paced: Monoid.sum,
  load: Monoid.struct({
    time: Monoid.max,
    sent: Monoid.sum,
    received: Monoid.sum,
    samples: Monoid.record(Monoid.sum.combine),
    cpu: Monoid.sum,
    busy: Monoid.sum
  }),
  connect: histogram,
  handshake: histogram,
  roundTrip: histogram,
  uncorrected: histogram,
  named: { empty: Named.empty(Named.always), combine: Named.merge },
  loopDelay: histogram,
  processes: Monoid.sum,
  cpu: Monoid.sum,
  memory: Monoid.sum,
  failures: { empty: [], combine: FailureLog.sum },
  seconds: { empty: [], combine: TimeSeries.merge },
  warmUpUntil: Monoid.max,
  interrupted: Monoid.some,
  lostProcesses: Monoid.list()
})

/** The report of a run without clients. */
export const emptyReport: Report = together.empty

/** Merges the reports of two processes of one run. */
export const merge = together.combine

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
    seconds: TimeSeries.Rows.of([...a.seconds, ...later]).all
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
