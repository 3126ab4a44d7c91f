/** A game whose log is in memory, without sockets. */
import * as Layer from "effect/Layer"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import * as Game from "../../../src/Server/Game/Game.ts"
import { ThisNode } from "../../../src/Server/Game/ThisNode.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"

/** The lines of its console go to `lines`. */
export const memoryGame = (lines: Array<string> = []) =>
  Game.layer.pipe(
    Layer.provide([MemoryLogs.layer(), ServerConsole.layerMemory(lines), ThisNode.layer]),
    Layer.provide(ServerConfig.layer()),
    Layer.orDie
  )

/** Lets an event that needs no waiting happen. */
export const ignore = (): void => {}
