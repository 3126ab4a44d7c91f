/** What a server holds in memory. A server that is started with these options reports it. */
import * as Effect from "effect/Effect"
import type { ProcessOptions, ServerProcess } from "../Server/ServerProcess.ts"

export const reportsMemory: ProcessOptions = {
  program: "test/Chaos/server.ts",
  env: { NODE_OPTIONS: "--expose-gc" }
}

/** Bytes after a garbage collection, and the number of resources that keep the event loop alive, by kind. */
export interface KeptMemory {
  readonly heap: number
  readonly buffers: number
  readonly resources: Readonly<Record<string, number>>
}

export const memoryKeptBy = (server: ServerProcess): Effect.Effect<KeptMemory> =>
  Effect.promise(async () => {
    server.output = ""
    server.child.kill("SIGUSR2")
    return JSON.parse((await server.printed(/^held (.*)\n/m))[1]!)
  })
