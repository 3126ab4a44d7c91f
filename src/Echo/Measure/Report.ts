import * as Schema from "effect/Schema"
import * as Compression from "./Compression.ts"
import { FailureGroup, FailureLog } from "./Failure.ts"
import { Histogram, HistogramFromData } from "./Histogram.ts"
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
    /** Processor time of the tool in seconds, and the seconds in which its event loops had work. */
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

/** The report of a run without clients. `merge` begins with it. */
export const emptyReport: Report = {
  clients: 0,
  elapsed: 0,
  peak: 0,
  started: 0,
  completed: 0,
  failed: 0,
  cut: 0,
  notStarted: 0,
  sent: 0,
  received: 0,
  wire: { sent: 0, received: 0 },
  compression: undefined,
  unanswered: 0,
  planned: undefined,
  paced: 0,
  load: { time: 0, sent: 0, received: 0, samples: {}, cpu: 0, busy: 0 },
  connect: new Histogram(),
  handshake: new Histogram(),
  roundTrip: new Histogram(),
  uncorrected: new Histogram(),
  named: Named.empty(Named.always),
  loopDelay: new Histogram(),
  processes: 0,
  cpu: 0,
  memory: 0,
  failures: [],
  seconds: [],
  warmUpUntil: 0,
  interrupted: false,
  lostProcesses: []
}

const added = (a: Histogram, b: Histogram): Histogram => {
  const result = new Histogram()
  result.add(a)
  result.add(b)
  return result
}

const sums = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]))

/**
 * Merges the reports of two processes of one run. All figures are exact except `peak`: the sum is an upper bound, and the leader
 * of the run, which sees all processes at the same time, replaces it.
 */
export const merge = (a: Report, b: Report): Report => {
  return {
    clients: a.clients + b.clients,
    elapsed: Math.max(a.elapsed, b.elapsed),
    peak: a.peak + b.peak,
    started: a.started + b.started,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    cut: a.cut + b.cut,
    notStarted: a.notStarted + b.notStarted,
    sent: a.sent + b.sent,
    received: a.received + b.received,
    wire: { sent: a.wire.sent + b.wire.sent, received: a.wire.received + b.wire.received },
    compression: Compression.merge(a.compression, b.compression),
    unanswered: a.unanswered + b.unanswered,
    planned: a.planned === undefined && b.planned === undefined ? undefined : (a.planned ?? 0) + (b.planned ?? 0),
    paced: a.paced + b.paced,
    load: {
      time: Math.max(a.load.time, b.load.time),
      sent: a.load.sent + b.load.sent,
      received: a.load.received + b.load.received,
      samples: sums(a.load.samples, b.load.samples),
      cpu: a.load.cpu + b.load.cpu,
      busy: a.load.busy + b.load.busy
    },
    connect: added(a.connect, b.connect),
    handshake: added(a.handshake, b.handshake),
    roundTrip: added(a.roundTrip, b.roundTrip),
    uncorrected: added(a.uncorrected, b.uncorrected),
    named: Named.merge(a.named, b.named),
    loopDelay: added(a.loopDelay, b.loopDelay),
    processes: a.processes + b.processes,
    cpu: a.cpu + b.cpu,
    memory: a.memory + b.memory,
    failures: FailureLog.sum(a.failures, b.failures),
    seconds: TimeSeries.merge(a.seconds, b.seconds),
    warmUpUntil: Math.max(a.warmUpUntil, b.warmUpUntil),
    interrupted: a.interrupted || b.interrupted,
    lostProcesses: [...a.lostProcesses, ...b.lostProcesses]
  }
}

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
