import * as fs from "node:fs"

/** Resources of a process tree: CPU in seconds and `write` system calls since its start, resident memory in bytes. */
export interface Usage {
  readonly cpu: number
  readonly memory: number
  readonly writes: number
}

/** One line of `/proc/PID/stat`: the fields that matter here, CPU in clock ticks. See proc_pid_stat(5). */
export interface ProcStat {
  readonly session: number
  readonly ticks: number
}

/** The numbers of such a line. The command's name, in parentheses, may hold spaces and parentheses: fields are counted from the last one. */
const fieldsOf = (line: string): ((field: number) => number) => {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ")
  return (field) => Number(fields[field - 3])
}

export const parseProcStat = (line: string): ProcStat | undefined => {
  const number = fieldsOf(line)
  // Own user and system time, and that of children that have ended and were waited for.
  const ticks = number(14) + number(15) + number(16) + number(17)
  return Number.isNaN(ticks) ? undefined : { session: number(6), ticks }
}

/** Resident memory in bytes out of `/proc/PID/smaps_rollup`, which is exact where `statm` lags by megabytes. */
export const parseRss = (text: string): number => Number(/^Rss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024

/** `write` and `writev` calls out of `/proc/PID/io`, which the owner of a process may read. */
export const parseWrites = (text: string): number => Number(/^syscw: (\d+)$/m.exec(text)?.[1] ?? 0)

const TICKS_A_SECOND = 100 // USER_HZ, the same on every Linux that Node runs on

const readOrEmpty = (file: string): string => {
  try {
    return fs.readFileSync(file, "latin1")
  } catch {
    return "" // the process has ended meanwhile
  }
}

/** Sum over all processes of a session: whoever starts a command in a session of its own measures its whole tree. */
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

/** Bytes that programs could have more, as the kernel reckons. */
export const available = (): number =>
  Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readOrEmpty("/proc/meminfo"))?.[1] ?? 0) * 1024

/** Bytes the kernel holds for itself, of all processes: sockets and their queues are in there, and in no process. */
export const kernelSlab = (): number =>
  Number(/^Slab:\s+(\d+) kB$/m.exec(readOrEmpty("/proc/meminfo"))?.[1] ?? 0) * 1024

/** CPU seconds of all processes that this one has started, and that have ended. */
export const endedChildrenCpu = (): number => {
  const number = fieldsOf(readOrEmpty("/proc/self/stat"))
  return (number(16) + number(17)) / TICKS_A_SECOND
}
