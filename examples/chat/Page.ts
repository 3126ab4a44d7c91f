/** The page of a room, for browsers. */
export const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Chat</title>
<h1>Chat</h1>
<form><input name="name" placeholder="Your name" aria-label="Your name" maxlength="20" required><button>Enter</button></form>
<form hidden><input name="text" placeholder="Say something" aria-label="Message" maxlength="2000" required><button>Send</button></form>
<ol aria-live="polite"></ol>
<script type="module">
const [login, say] = document.forms
const list = document.querySelector("ol")
const show = (text) => list.append(Object.assign(document.createElement("li"), { textContent: text }))
login.onsubmit = async (event) => {
  event.preventDefault()
  const body = JSON.stringify({ name: login.elements.name.value })
  const { ok } = await fetch("/login", { method: "POST", headers: { "Content-Type": "application/json" }, body })
  if (!ok) return show("A name has 1 to 20 characters.")
  login.hidden = true
  say.hidden = false
  enter()
}
const enter = () => {
  const socket = new WebSocket("/rooms/lobby")
  socket.onmessage = ({ data }) => {
    const { from, text } = JSON.parse(data)
    show(from + ": " + text)
  }
  socket.onclose = () => setTimeout(enter, 1000)
  say.onsubmit = (event) => {
    event.preventDefault()
    socket.send(JSON.stringify({ text: say.elements.text.value }))
    say.reset()
  }
}
</script>
</html>
`
