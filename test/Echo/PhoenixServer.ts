import { createServer } from "node:http"
import { WebSocketServer } from "ws"

type Parts = readonly [join: string | null, ref: string | null, topic: string, event: string, payload: unknown]

interface Frame {
  readonly by: "client" | "server"
  readonly parts: Parts
}

/**
 * A server that speaks as Phoenix's own does, in version 2 of its serializer. Topics that begin with `room:` can be joined. `shout` is
 * answered, broadcast to the client and pushed to it; `quiet` gets no answer. It ignores what has the reference of no join.
 */
export const make = () => {
  const http = createServer()
  const paths: Array<string | undefined> = []
  /** Everything that was said on each connection, in order. */
  const talks: Array<ReadonlyArray<Frame>> = []
  new WebSocketServer({ server: http }).on("connection", (socket, { url }) => {
    paths.push(url)
    const talk: Array<Frame> = []
    talks.push(talk)
    const joins = new Map<string, string | null>()
    const say = (...parts: Parts) => {
      talk.push({ by: "server", parts })
      socket.send(JSON.stringify(parts))
    }
    socket.on("message", (data: Buffer) => {
      const parts: Parts = JSON.parse(data.toString())
      const [join, ref, topic, event, payload] = parts
      talk.push({ by: "client", parts })
      const reply = (status: "ok" | "error", response: unknown) =>
        say(join, ref, topic, "phx_reply", { status, response })
      if (event === "heartbeat" && topic === "phoenix") return reply("ok", {})
      if (event === "phx_join") {
        if (!topic.startsWith("room:")) return reply("error", { reason: "unmatched topic" })
        joins.set(topic, join)
        return reply("ok", payload)
      }
      if (joins.get(topic) !== join) return
      if (event === "phx_leave") {
        joins.delete(topic)
        reply("ok", {})
        return say(join, join, topic, "phx_close", {})
      }
      if (event !== "shout") return
      reply("ok", payload)
      say(null, null, topic, event, payload)
      say(join, null, topic, "heard", payload)
    })
  })
  return { http, paths, talks }
}

/** A talk in which references are numbered in the order in which they came up, because each client chooses its own. */
export const renumbered = (talk: ReadonlyArray<Frame>): ReadonlyArray<Frame> => {
  const numbers = new Map<string, string>()
  const numberOf = (reference: string | null) => {
    if (reference === null) return null
    const number = numbers.get(reference) ?? `#${numbers.size + 1}`
    numbers.set(reference, number)
    return number
  }
  return talk.map(({ by, parts: [join, ref, ...others] }) => ({
    by,
    parts: [numberOf(join), numberOf(ref), ...others]
  }))
}
