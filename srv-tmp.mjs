import { WebSocketServer } from "ws"
const wss = new WebSocketServer({ port: 45731, host: "127.0.0.1" })
wss.on("connection", (s, q) => {
  if (q.url === "/crash") { setTimeout(() => s.terminate(), 100); }
  if (q.url === "/feed") { let n = 0; const t = setInterval(() => { n++; if (n === 7) return; s.send(JSON.stringify({ type: "tick", seq: n, at: Date.now() - 20 })) }, 20); s.on("close", () => clearInterval(t)) }
  s.on("message", (d) => {
    let m; try { m = JSON.parse(d) } catch { s.send(String(d)); return }
    if (m.method === "slow") setTimeout(() => s.send(JSON.stringify({ jsonrpc: "2.0", id: m.id, result: "slow" })), 100)
    else if (m.method === "fast") setTimeout(() => s.send(JSON.stringify({ jsonrpc: "2.0", id: m.id, result: "fast" })), 5)
    else if (m.method === "subscribe") { /* no reply */ }
    else if (m.method === "lossy") { if (Math.random() < 0.5) setTimeout(() => s.send(JSON.stringify({ jsonrpc: "2.0", id: m.id, result: "lossy" })), 10) }
    else if (m.type === "ask") { let i = 0; const t = setInterval(() => { s.send(JSON.stringify({ type: i < 5 ? "token" : "done", n: i })); if (i++ >= 5) clearInterval(t) }, 30) }
  })
})
