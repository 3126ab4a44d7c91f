/** Runs `systemd-notify`. A module of its own, because what starts processes takes `serve` some milliseconds to load. */
import * as Command from "@effect/platform/Command"
import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Succeeds with the exit status. */
export const run = (state: string) =>
  Effect.provide(
    Command.exitCode(Command.make("systemd-notify", state)),
    Layer.provide(NodeCommandExecutor.layer, NodeFileSystem.layer)
  )
