/** Runs the programs of `examples/` and uses them as their readers would; from the source, or copied out. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { assert } from "@effect/vitest"
import { Centrifuge } from "centrifuge"
import { WebSocket } from "ws"
import { freePort } from "../freePort.ts"

/** Starts a program of an example: `echo/server.ts`. */
export type Start = (program: string, env: Readonly<Record<string, string>>) => ChildProcess

const ended = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  return child.exitCode
}

/** Starts a server, uses it, and ends it by SIGTERM; fails unless that ends it well. */
const withServer = async (start: Start, program: string, use: (port: number) => Promise<void>): Promise<void> => {
  const port = await freePort("localhost")
  const server = start(program, { PORT: String(port) })
  try {
    await listens(server, port)
    await use(port)
    server.kill("SIGTERM")
    assert.strictEqual(await ended(server), 0)
  } finally {
    server.kill("SIGKILL")
  }
}

/** Waits until a server answers, whatever that is. */
const listens = async (server: ChildProcess, port: number): Promise<void> => {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
    const answer = await fetch(`http://localhost:${port}/`).catch(() => undefined)
    if (answer !== undefined && answer.status !== 503) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What comes on a WebSocket, one after the other. */
const connected = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const socket = new WebSocket(url, { headers })
  const received: Array<string> = []
  let wake = () => {}
  socket.on("message", (data) => {
    received.push(String(data))
    wake()
  })
  await once(socket, "open")
  const next = async (): Promise<string> => {
    while (received.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return received.shift()!
  }
  return { socket, next }
}

const echo = (start: Start) =>
  withServer(start, "echo/server.ts", async (port) => {
    const { next, socket } = await connected(`ws://localhost:${port}/echo/`)
    socket.send("Spam?")
    assert.strictEqual(await next(), "Spam?")
  })

const chat = (start: Start) =>
  withServer(start, "chat/server.ts", async (port) => {
    const base = `http://localhost:${port}`
    const enter = async (name: string) => {
      const login = await fetch(`${base}/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name })
      })
      const cookie = login.headers.get("set-cookie")?.split(";", 1)[0]
      assert.isDefined(cookie, `login answered ${login.status}`)
      return connected(`ws://localhost:${port}/rooms/lobby`, { Cookie: cookie ?? "" })
    }
    assert.include(await (await fetch(base)).text(), "<title>Chat</title>")
    const stranger = connected(`ws://localhost:${port}/rooms/lobby`)
    assert.match(String(await stranger.catch((error) => error)), /401/)
    const ada = await enter("Ada")
    assert.strictEqual(await ada.next(), '{"from":"Ada","text":"has come in"}')
    const bob = await enter("Bob")
    for (const { next } of [ada, bob]) assert.strictEqual(await next(), '{"from":"Bob","text":"has come in"}')
    assert.deepStrictEqual(await (await fetch(`${base}/rooms/lobby/people`)).json(), ["Ada", "Bob"])
    bob.socket.send('{"text":"Hello"}')
    for (const { next } of [ada, bob]) assert.strictEqual(await next(), '{"from":"Bob","text":"Hello"}')
    bob.socket.close()
    assert.strictEqual(await ada.next(), '{"from":"Bob","text":"has left"}')
  })

/** With the client that its readers use. */
const channels = (start: Start) =>
  withServer(start, "channels/server.ts", async (port) => {
    const enter = async (user: string) => {
      const url = `ws://localhost:${port}/connection/websocket`
      const client = new Centrifuge(url, { websocket: WebSocket, token: `user:${user}` })
      client.connect()
      await client.ready(60_000)
      return client
    }
    const [ada, bob] = [await enter("ada"), await enter("bob")]
    const lobby = ada.newSubscription("room:lobby")
    const joined = new Promise((resolve) => lobby.on("join", ({ info }) => resolve(info.user)))
    const published = new Promise((resolve) => lobby.on("publication", ({ data, info }) => resolve([info?.user, data])))
    lobby.subscribe()
    await lobby.ready(60_000)
    assert.strictEqual(await joined, "ada")
    await bob.publish("room:lobby", { text: "Hello" })
    assert.deepStrictEqual(await published, ["bob", { text: "Hello" }])
    assert.deepStrictEqual(await bob.rpc("echo", [1]), { data: [1] })
    assert.strictEqual(await bob.rpc("other", 1).catch(({ code }) => code), 104)
    assert.strictEqual(await bob.publish("room:private-1", 1).catch(({ code }) => code), 103)
    const users = Object.values((await bob.presence("room:lobby")).clients).map(({ user }) => user)
    assert.deepStrictEqual(users, ["ada"])
    assert.strictEqual(await bob.publish("nowhere", 1).catch(({ code }) => code), 102)
    for (const i of Array.from({ length: 110 }, (_, i) => i)) await bob.publish("room:lobby", i)
    const { publications } = await bob.history("room:lobby", { limit: -1 })
    assert.deepStrictEqual([publications.length, publications[0]?.data, publications.at(-1)?.data], [100, 10, 109])
    const stranger = new Centrifuge(`ws://localhost:${port}/connection/websocket`, {
      websocket: WebSocket,
      token: "ada"
    })
    const refused = new Promise((resolve) => stranger.on("disconnected", ({ code }) => resolve(code)))
    stranger.connect()
    assert.strictEqual(await refused, 3500)
    const { next, socket } = await connected(`ws://localhost:${port}/connection/websocket`)
    socket.send('{"id":1,"connect":{"token":"user:eve"}}\n{"id":2,"rpc":{"method":"echo","data":1}}')
    const replies: Array<string> = []
    while (replies.length < 2) replies.push(...(await next()).split("\n"))
    assert.strictEqual(replies[1], '{"id":2,"rpc":{"data":1}}')
    socket.close()
    for (const client of [ada, bob]) client.disconnect()
  })

const rpc = (start: Start) =>
  withServer(start, "rpc/server.ts", async (port) => {
    const client = start("rpc/client.ts", { PORT: String(port) })
    const lines: Array<string> = []
    client.stdout?.setEncoding("utf8").on("data", (text) => lines.push(text))
    assert.strictEqual(await ended(client), 0)
    assert.deepStrictEqual(lines.join("").trim().split("\n"), ["Hello, Ada!", "3", "2", "1", "0"])
  })

/** The client finds no server, then one, then loses it, and finds another. */
const client = async (start: Start): Promise<void> => {
  const port = await freePort("localhost")
  const env = { PORT: String(port) }
  const running = start("client/client.ts", env)
  let output = ""
  running.stdout?.setEncoding("utf8").on("data", (text) => {
    output += text
  })
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(output)) {
      if (running.exitCode !== null) throw new Error(`the client ended with ${running.exitCode}: ${output}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const servers: Array<ChildProcess> = []
  const serve = () => servers.push(start("echo/server.ts", env))
  try {
    await until(/connection refused: nothing listens there: again in \d+ ms/)
    serve()
    await until(/^Are you there\?$/m)
    servers[0]!.kill("SIGKILL")
    await until(/closed with code 1006: again/)
    serve()
    await until(/back after \d+ ms \(1006\)\nAre you there\?/)
  } finally {
    for (const child of [running, ...servers]) child.kill("SIGKILL")
  }
}

/** By the name of its folder. */
export const examples: Readonly<Record<string, (start: Start) => Promise<void>>> = {
  echo,
  chat,
  channels,
  rpc,
  client
}

/** A `Start` that runs `node` in a folder that holds the examples. */
export const startIn =
  (node: string, cwd: string, folder: string): Start =>
  (program, env) =>
    spawn(node, ["--import", "tsx", `${folder}${program}`], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"]
    })
