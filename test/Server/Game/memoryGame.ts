/** A game whose log is in memory, without sockets. */
import * as Layer from "effect/Layer"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import * as Protocol0 from "../../../src/Protocol/Protocol0.ts"
import * as Game from "../../../src/Server/Game/Game.ts"
import type { Grid } from "../../../src/Server/Game/GameState.ts"
import { ThisNode } from "../../../src/Server/Game/ThisNode.ts"
import type { WorkerConnection } from "../../../src/Server/Game/Worker.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"
import { consoleInto } from "../consoleInto.ts"

/** The lines of its console go to `lines`. */
export const memoryGame = (lines: Array<string> = []) =>
  Game.layer.pipe(
    Layer.provide([MemoryLogs.layer(), consoleInto(lines), ThisNode.layer]),
    Layer.provide(ServerConfig.layer()),
    Layer.orDie
  )

const connection: WorkerConnection = { sendFrame: () => {}, close: () => {}, pause: () => {}, resume: () => {} }

/** Starts a game with a worker for each cell, which all run. Returns a function that publishes the state of a cell. */
export const begin = (game: Game.Game["Type"], grid: Grid) => {
  game.unsafeReset(grid, ignore)
  const { height, width } = grid
  const workers = Array.from({ length: width * height }, () => game.unsafeJoin(connection))
  for (const worker of workers) worker.onMessage(Protocol0.SUB)
  return (topic: number, step: number, state: number): void =>
    workers[topic]!.onMessage(Protocol0.formatState(step, Math.floor(topic / width), topic % width, state))
}

/** Lets an event that needs no waiting happen. */
export const ignore = (): void => {}
