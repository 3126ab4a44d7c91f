import * as Schema from "effect/Schema"
import * as Compression from "./Compression.ts"
import { FailureGroup, FailureLog } from "./Failure.ts"
import { Histogram, HistogramFromData } from "./Histogram.ts"
import * as Named from "./Named.ts"
import * as TimeSeries from "./TimeSeries.ts"
import { Wire } from "./Wire.ts"

/** The results of a run, or of one process of it. Times in milliseconds. */
export const Report = Schema.Struct({
  clients: Schema.Number,
  elapsed: Schema.Number,
  /** The most connections open at one time. */
  peak: Schema.Number,
  /** Conversations begun; each is in one of the next three. */
  started: Schema.Number,
  completed: Schema.Number,
  failed: Schema.Number,
  /** Ended by the user, or by the death of a process. */
  cut: Schema.Number,
  /** Clients that the user's stop kept from starting. */
  notStarted: Schema.Number,
  sent: Schema.Number,
  received: Schema.Number,
  wire: Wire,
  /** Absent where no client offered compression. */
  compression: Schema.optional(Compression.Compression),
  /** Messages whose conversation failed before their reply came. */
  unanswered: Schema.Number,
  /** The number of messages that were due by a planned rate, and how many of them were sent. */
  planned: Schema.optional(Schema.Number),
  paced: Schema.Number,
  /** The time over which rates are computed: from when all clients have connected until the duration is over; without a duration, the whole run. */
  load: Schema.Struct({
    time: Schema.Number,
    sent: Schema.Number,
    received: Schema.Number,
    /** Seconds of processor time of the tool, and seconds in which its event loops had work. */
    cpu: Schema.Number,
    busy: Schema.Number
  }),
  connect: HistogramFromData,
  handshake: HistogramFromData,
  /** From the planned time of sending where there is a plan, else from the time of sending, to the reply. */
  roundTrip: HistogramFromData,
  /** From the time of sending; empty where nothing is planned. */
  uncorrected: HistogramFromData,
  named: Named.Named,
  /** How late the tool's own timers were: its own share in the figures above. */
  loopDelay: HistogramFromData,
  /** Processes of the tool, and the processor seconds of all of them. */
  processes: Schema.Number,
  cpu: Schema.Number,
  /** Bytes of resident memory of the tool at the most. */
  memory: Schema.Number,
  failures: Schema.Array(FailureGroup),
  seconds: Schema.Array(TimeSeries.Second),
  /** The last second of the warm-up, which is in `seconds` of no report; 0 without one. */
  warmUpUntil: Schema.Number,
  interrupted: Schema.Boolean,
  /** Processes of the run that died. Figures that they had not reported are lost. */
  lostProcesses: Schema.Array(Schema.String)
})
export type Report = typeof Report.Type

/** Of a run without clients: what `merge` begins with. */
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
  load: { time: 0, sent: 0, received: 0, cpu: 0, busy: 0 },
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

/**
 * The report of two processes as of one run. Exact, except `peak`: the sum is an upper bound, which whoever saw both at
 * the same time replaces.
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
    seconds: [...a.seconds, ...later]
  }
}

/** Whether every conversation was right. A run that the user ended is judged by those that ended by themselves. */
export const isRight = (report: Report): boolean => report.failed === 0 && report.lostProcesses.length === 0

/** The processors that the tool used under load; each of its processes can use little more than one. */
export const toolCpu = ({ load }: Report): number => load.cpu / (load.time / 1000)

/** The part of the time under load in which the event loops of the tool had work. */
export const toolBusy = ({ load, processes }: Report): number => load.busy / ((load.time / 1000) * processes)

/** Above this part of the time the tool itself is the limit; and the part of a plan that may stay unsent. */
const BUSY = 0.9
const MISSING = 0.01

/** Whether planned messages were not sent because the tool had no time for them: then its figures say nothing of the server. */
export const isOverloaded = (report: Report): boolean =>
  report.planned !== undefined && report.paced < report.planned * (1 - MISSING) && toolBusy(report) > BUSY
