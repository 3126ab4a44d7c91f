/**
 * The command line, which also reports at SIGUSR2 what it holds: `held {"heap":1,"buffers":2,"resources":{...}}`. These are the
 * bytes after a garbage collection (it needs `--expose-gc`) and the resources that keep its event loop alive.
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
