// The cells of a torus, written by hand on `ws`. A cell counts its live neighbours instead of storing their states.
// usage: node ws-life.js PORT SIZE STEPS
import { once } from "node:events"
import { WebSocket } from "ws"

const [port, size, steps] = process.argv.slice(2).map(Number)
const connect = (path) => new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false })

const reset = connect("/reset/")
await once(reset, "open")
reset.send(String(size))
await once(reset, "close")

const cell = async (row, column) => {
  const socket = connect("/worker/")
  let told = 0
  let step = 0
  let alive = Math.random() < 0.25 ? 1 : 0
  const heard = [0, 0]
  const living = [0, 0]
  socket.on("message", (data) => {
    const text = data.toString()
    if (told === 0) {
      for (const y of [-1, 0, 1])
        for (const x of [-1, 0, 1])
          if (x !== 0 || y !== 0) socket.send(`${(row + y + size) % size} ${(column + x + size) % size}`)
      socket.send("sub")
      told = 1
    } else if (told === 1) {
      socket.send(`0 ${row} ${column} ${alive}`)
      told = 2
    } else {
      const [theirStep, , , state] = text.split(" ")
      heard[theirStep & 1]++
      living[theirStep & 1] += Number(state)
      while (heard[step & 1] === 8 && step < steps) {
        const neighbours = living[step & 1]
        heard[step & 1] = living[step & 1] = 0
        step++
        alive = neighbours === 3 || (alive && neighbours === 2) ? 1 : 0
        socket.send(`${step} ${row} ${column} ${alive}`)
      }
    }
  })
  await once(socket, "open")
}

const places = Array.from({ length: size * size }, (_, index) => [Math.floor(index / size), index % size])
while (places.length > 0) await Promise.all(places.splice(0, 100).map(([row, column]) => cell(row, column)))
