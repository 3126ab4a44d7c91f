import * as Effect from "effect/Effect"
import * as EchoWorkers from "../../../src/Cli/Echo/EchoWorkers.ts"
import * as MemoryDialer from "../../Echo/Load/MemoryDialer.ts"
import * as Peer from "../../Echo/Peer.ts"

/** A worker process over a network in memory. With the path `/dies` the conversation kills it. */
const behaviour: Peer.Behaviour = (peer) => {
  if (peer.path === "/echo") return Peer.echo(peer)
  Peer.original(peer)
  const answer = peer.onMessage
  peer.onMessage = (message) => {
    if (peer.path === "/dies" && message === "Eggs!") process.kill(process.pid, "SIGKILL")
    answer(message)
  }
}

Effect.runFork(Effect.provide(EchoWorkers.run, MemoryDialer.layer(behaviour)))
