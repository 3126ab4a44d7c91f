// The original conversation with `/test/ws/`, written by hand on `ws`. The `echo` command is compared with it.
// usage: node ws-echo-clients.js PORT CLIENTS DELAY_S
import { setTimeout as sleep } from "node:timers/promises"
import { WebSocket } from "ws"

const [port, clients, delay] = process.argv.slice(2).map(Number)
let failed = 0

const converse = (socket) =>
  new Promise((resolve, reject) => {
    const transcript = []
    const words = ["Spam?", "Eggs!", "Python."]
    let said = 0
    const sayNext = () => {
      if (said < words.length) setTimeout(() => socket.send(words[said++]), delay * 1000)
    }
    socket.on("message", (data) => {
      transcript.push(data.toString())
      sayNext()
    })
    socket.on("error", reject)
    socket.on("close", () => resolve(transcript))
  })

const client = async () => {
  await sleep(Math.random() * 2 * delay * 1000)
  const transcript = await converse(new WebSocket(`ws://127.0.0.1:${port}/test/ws/`, { perMessageDeflate: false }))
  if (transcript.join() !== "Hello!,1. Spam?,2. Eggs!,3. Python.,Goodbye!") throw new Error(transcript.join())
}

await Promise.all(
  Array.from({ length: clients }, () =>
    client().catch((error) => {
      if (failed++ === 0) console.error(error.message)
    })
  )
)
console.log(`clients=${clients} failed=${failed}`)
process.exit(failed > 0 ? 1 : 0)
