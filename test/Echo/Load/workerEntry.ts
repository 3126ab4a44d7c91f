import * as Effect from "effect/Effect"
import * as Worker from "../../../src/Echo/Load/Worker.ts"
import * as Peer from "../Peer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

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

Effect.runFork(Effect.provide(Worker.run, MemoryDialer.layer(behaviour)))
