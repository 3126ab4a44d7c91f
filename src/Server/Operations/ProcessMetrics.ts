/** Metrics of the process, with the names that Prometheus's own clients use. */
import * as Metric from "effect/Metric"
import { noTags } from "./MetricFamily.ts"

const cpu = Metric.counter("process_cpu_seconds_total", { description: "CPU time in seconds", incremental: true })
const memory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory in bytes" })
const start = Metric.gauge("process_start_time_seconds", { description: "Start, in seconds since 1970" })

/** Publishes the metrics of the process, which are not summed however many servers publish them. */
export const unsafePublish = (): void => {
  const { system, user } = process.cpuUsage()
  cpu.unsafeUpdate((system + user) / 1e6 - cpu.unsafeValue(noTags).count, noTags)
  memory.unsafeUpdate(process.memoryUsage.rss(), noTags)
  start.unsafeUpdate(performance.timeOrigin / 1000, noTags)
}
