/** A manual conversation with the server's test endpoint, which greets, answers three messages and says goodbye. */
import { element } from "../Element.ts"

const log = element("log", HTMLElement)
const form = element("form", HTMLFormElement)
const text = element("text", HTMLInputElement)
const send = element("send", HTMLButtonElement)
const open = element("open", HTMLButtonElement)

const show = (line: string) => {
  const item = document.createElement("p")
  item.textContent = line
  log.append(item)
}

let socket: WebSocket

const connect = () => {
  open.disabled = true
  socket = new WebSocket(new URL("/test/ws/", location.href.replace(/^http/, "ws")))
  socket.onopen = () => {
    show("Connection open.")
    send.disabled = false
  }
  socket.onmessage = ({ data }) => show(String(data))
  socket.onclose = () => {
    show("Connection closed.")
    send.disabled = true
    open.disabled = false
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault()
  if (socket.readyState === WebSocket.OPEN) socket.send(text.value)
})
open.addEventListener("click", connect)
connect()
