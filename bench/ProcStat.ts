import * as fs from "node:fs"

/** The resources of a process tree: CPU time in seconds and `write` system calls since its start, and resident memory in bytes. */
export interface Usage {
  readonly cpu: number
  readonly memory: number
  readonly writes: number
}

/** The fields of `/proc/PID/stat` that are used here. CPU time is in clock ticks. See proc_pid_stat(5). */
export interface ProcStat {
  readonly session: number
  readonly ticks: number
}

/** Returns a function that gives the number of a field. The name of the command may contain spaces and parentheses, so fields are counted from the last parenthesis. */
const fieldsOf = (line: string): ((field: number) => number) => {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ")
  return (field) => Number(fields[field - 3])
}

export const parseProcStat = (line: string): ProcStat | undefined => {
  const number = fieldsOf(line)
  // User and system time of the process, and of its children that have ended and were waited for.
  const ticks = number(14) + number(15) + number(16) + number(17)
  return Number.isNaN(ticks) ? undefined : { session: number(6), ticks }
}

/** The resident memory in bytes from `/proc/PID/smaps_rollup`. This is exact, while `statm` may be megabytes behind. */
export const parseRss = (text: string): number => Number(/^Rss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024

/** The number of `write` and `writev` calls from `/proc/PID/io`, which the owner of a process may read. */
export const parseWrites = (text: string): number => Number(/^syscw: (\d+)$/m.exec(text)?.[1] ?? 0)

const TICKS_A_SECOND = 100 // USER_HZ, the same on every Linux that Node runs on

const readOrEmpty = (file: string): string => {
  try {
    return fs.readFileSync(file, "latin1")
  } catch {
    return "" // the process has ended
  }
}

/** The sum over all processes of a session. A command that is started in its own session can be measured with all its children. */
export const sessionUsage = (session: number): Usage => {
  let ticks = 0
  let memory = 0
  let writes = 0
  for (const pid of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue
    const stat = parseProcStat(readOrEmpty(`/proc/${pid}/stat`))
    if (stat?.session !== session) continue
    ticks += stat.ticks
    memory += parseRss(readOrEmpty(`/proc/${pid}/smaps_rollup`))
    writes += parseWrites(readOrEmpty(`/proc/${pid}/io`))
  }
  return { cpu: ticks / TICKS_A_SECOND, memory, writes }
}

/** The available memory in bytes, by the kernel's estimate. */
export const available = (): number =>
  Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readOrEmpty("/proc/meminfo"))?.[1] ?? 0) * 1024

/** The kernel's own memory (slab) in bytes. It contains sockets and their queues, which belong to no process. */
export const kernelSlab = (): number =>
  Number(/^Slab:\s+(\d+) kB$/m.exec(readOrEmpty("/proc/meminfo"))?.[1] ?? 0) * 1024

/** The CPU seconds of all child processes of this process that have ended. */
export const endedChildrenCpu = (): number => {
  const number = fieldsOf(readOrEmpty("/proc/self/stat"))
  return (number(16) + number(17)) / TICKS_A_SECOND
}
