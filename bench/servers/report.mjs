// Loaded before a server (`--expose-gc --import`): at SIGUSR2 it prints what the server keeps after a garbage collection, `kept BYTES`.
process.on("SIGUSR2", () => {
  globalThis.gc()
  const { external, heapUsed } = process.memoryUsage()
  process.stdout.write(`kept ${heapUsed + external}\n`)
})
