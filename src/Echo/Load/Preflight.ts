import * as Count from "../../Text/Count.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import { mostConnected } from "../Scenario/Longest.ts"
import * as EphemeralPorts from "./EphemeralPorts.ts"
import type { Resources } from "./Machine.ts"

/** File descriptors that a process needs in addition to one per client, for its own files, sockets and timers. */
const OWN_FILES = 40
/** Bytes per client: 10 KiB in this process, as measured, and some in the kernel. */
const CLIENT_MEMORY = 16 * 1024
/** Bytes that a process takes before its first client. */
const PROCESS_MEMORY = 90 * 1024 * 1024

const mebibytes = (bytes: number): string => `${Count.format(Math.ceil(bytes / 1024 / 1024))} MiB`

const files = (clients: number, processes: number, machine: Resources): ReadonlyArray<string> => {
  const needed = Math.ceil(clients / processes) + OWN_FILES
  const spare = Math.max(1, machine.fileLimit - OWN_FILES)
  if (needed <= machine.fileLimit) return []
  return [
    `${Count.format(clients)} clients at one time${processes === 1 ? "" : ` in ${processes} processes`} need ${Count.format(needed)} file descriptors a process, and ${Count.format(machine.fileLimit)} are allowed: ` +
      `raise the limit with \`ulimit -n ${needed}\`, or use --processes ${Math.ceil(clients / spare)}`
  ]
}

const memory = (clients: number, processes: number, machine: Resources): ReadonlyArray<string> => {
  const needed = clients * CLIENT_MEMORY + processes * PROCESS_MEMORY
  if (needed <= machine.availableMemory) return []
  return [
    `${Count.format(clients)} clients at one time need about ${mebibytes(needed)} of memory, and ${mebibytes(machine.availableMemory)} are available: use fewer clients, or free memory`
  ]
}

/** Checks whether this machine has enough resources for a plan. Returns one line for each that is short, with numbers and a remedy. */
export const check = (plan: LoadPlan, processes: number, machine: Resources): ReadonlyArray<string> => {
  const clients = mostConnected(plan)
  return [
    ...files(clients, processes, machine),
    ...EphemeralPorts.check(plan, clients, machine),
    ...memory(clients, processes, machine)
  ]
}
