/** State that several processes share: a log gives all its readers the same entries, in the same order, each once. */

export * as JetStreamLogs from "./JetStreamLogs.ts"
export * as Log from "./Log.ts"
export { LogError } from "./LogError.ts"
export * as MemoryLogs from "./MemoryLogs.ts"
