/**
 * The command line, which also tells at SIGUSR2 what it holds: `held {"heap":1,"buffers":2,"resources":{...}}`, bytes after a
 * garbage collection (it needs `--expose-gc`) and what keeps its event loop busy.
 */
import { main } from "../../src/Cli/Main.ts"

process.on("SIGUSR2", () => {
  globalThis.gc?.()
  const resources: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1
  const { external, heapUsed } = process.memoryUsage()
  process.stdout.write(`held ${JSON.stringify({ heap: heapUsed, buffers: external, resources })}\n`)
})

main()
