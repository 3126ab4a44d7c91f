// `node scripts/busy.mjs COUNT COMMAND...`: runs a command beside COUNT processes that compute without a pause, and prints the machine's
// load at the end. So one sees whether tests that pass on a quiet machine also pass on a busy one.
import { spawn } from "node:child_process"
import { loadavg } from "node:os"

const [count, file, ...args] = process.argv.slice(2)
if (!/^[1-9][0-9]*$/.test(count ?? "") || file === undefined) {
  console.error("Expected a number of busy processes and a command, as in: node scripts/busy.mjs 8 npm test")
  process.exit(2)
}

// A busy process has no turns of an event loop, so it asks now and then whether it has lost its parent.
const loop = `const parent = ${process.pid}; for (let i = 1; i % 1e8 !== 0 || process.ppid === parent; i = i === 1e9 ? 1 : i + 1);`
const busy = Array.from({ length: Number(count) }, () => spawn(process.execPath, ["-e", loop], { stdio: "ignore" }))

const loads = []
const sample = setInterval(() => loads.push(loadavg()[0]), 10_000)
const command = spawn(file, args, { stdio: "inherit" })
// The terminal sends Ctrl-C to all of them. This process waits for the command, so that the last line is the report.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => command.kill("SIGTERM"))

command.on("error", (error) => {
  console.error(`${file}: ${error.message}`)
  process.exitCode = 127
})
command.on("close", (status, signal) => {
  clearInterval(sample)
  for (const child of busy) child.kill()
  // The first minute's average still tells of the time before.
  const settled = loads.slice(6).sort((a, b) => a - b)
  if (settled.length > 0)
    console.error(
      `load of the machine: ${settled[0].toFixed(1)} to ${settled.at(-1).toFixed(1)}, median ${settled[settled.length >> 1].toFixed(1)}`
    )
  process.exitCode ??= signal === null ? status : 1
})
