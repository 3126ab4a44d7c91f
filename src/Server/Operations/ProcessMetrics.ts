/** Metrics of the process, with the names that Prometheus's own clients use. */
import * as Metric from "effect/Metric"
import { noTags } from "./MetricFamily.ts"

const cpu = Metric.counter("process_cpu_seconds_total", { description: "CPU time", incremental: true })
const memory = Metric.gauge("process_resident_memory_bytes", { description: "Memory in use" })
const start = Metric.gauge("process_start_time_seconds", { description: "Start, since 1970" })

/** They are of the process: however many publish them, they are not summed. */
export const unsafePublish = (): void => {
  const { system, user } = process.cpuUsage()
  cpu.unsafeUpdate((system + user) / 1e6 - cpu.unsafeValue(noTags).count, noTags)
  memory.unsafeUpdate(process.memoryUsage.rss(), noTags)
  start.unsafeUpdate(performance.timeOrigin / 1000, noTags)
}
