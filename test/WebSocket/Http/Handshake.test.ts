import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Handshake from "../../../src/WebSocket/Http/Handshake.ts"

// RFC 6455, section 1.3.
const key = "dGhlIHNhbXBsZSBub25jZQ=="
const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

const request = {
  method: "GET",
  httpVersion: "1.1",
  headers: {
    host: "localhost",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": key
  }
}

describe("Handshake", () => {
  it("Handshake answers the key of the RFC's example as the RFC does", () => {
    assert.strictEqual(Handshake.acceptKey(key), accept)
    const answer = Handshake.accepted(key, "chat")
    assert.match(answer, /^HTTP\/1\.1 101 /)
    assert.include(answer, `\r\nSec-WebSocket-Accept: ${accept}\r\n`)
    assert.include(answer, "\r\nSec-WebSocket-Protocol: chat\r\n")
    assert.isTrue(answer.endsWith("\r\n\r\n"))
    assert.notInclude(Handshake.accepted(key, undefined), "Protocol:")
  })

  it("Handshake knows a usual answer without parsing it, also with headers that mean nothing for the handshake", () => {
    const usual = Handshake.accepted(key, undefined)
    const others = `${usual.slice(0, -2)}Server: a\r\nDate: b\r\n\r\n`
    for (const answer of [usual, others])
      assert.strictEqual(Handshake.lengthOfAccepted(`${answer}\x81\x00`, key), answer.length, answer)
    const parsed = [
      usual.slice(0, -1),
      Handshake.accepted(key, "chat"),
      `${usual.slice(0, -2)}a: b\r\nSEC-WebSocket-Extensions: x\r\n\r\n`,
      `${usual.slice(0, -2)} Sec-WebSocket-Extensions: x\r\n\r\n`,
      `${usual.slice(0, -2)}Connection: close\r\n\r\n`,
      Handshake.accepted("AAAAAAAAAAAAAAAAAAAAAA==", undefined)
    ]
    for (const answer of parsed) assert.isUndefined(Handshake.lengthOfAccepted(answer, key), answer)
  })

  it("Handshake accepts a valid request, in upper and lower case", () => {
    assert.isTrue(Handshake.isValid(request))
    assert.isTrue(Handshake.isValid({ ...request, headers: { ...request.headers, upgrade: "WebSocket" } }))
    assert.isTrue(
      Handshake.isValid({ ...request, headers: { ...request.headers, connection: "keep-alive , UPGRADE,x" } })
    )
  })

  const broken = {
    "another method": { ...request, method: "POST" },
    "no upgrade": { ...request, headers: { ...request.headers, upgrade: undefined } },
    "another upgrade": { ...request, headers: { ...request.headers, upgrade: "h2c" } },
    "HTTP/1.0": { ...request, httpVersion: "1.0" },
    "no host": { ...request, headers: { ...request.headers, host: undefined } },
    "no connection": { ...request, headers: { ...request.headers, connection: undefined } },
    "a connection that is kept": { ...request, headers: { ...request.headers, connection: "keep-alive, upgrades" } },
    "no version": { ...request, headers: { ...request.headers, "sec-websocket-version": undefined } },
    "version 8": { ...request, headers: { ...request.headers, "sec-websocket-version": "8" } },
    "no key": { ...request, headers: { ...request.headers, "sec-websocket-key": undefined } },
    "an empty key": { ...request, headers: { ...request.headers, "sec-websocket-key": "" } },
    "a key of 15 bytes": { ...request, headers: { ...request.headers, "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAA" } },
    "a key that is not base64": {
      ...request,
      headers: { ...request.headers, "sec-websocket-key": `${"!".repeat(22)}==` }
    }
  }
  for (const [name, wrong] of Object.entries(broken))
    it(`Handshake refuses ${name}`, () => assert.isFalse(Handshake.isValid(wrong)))

  it("Handshake gives a refusal the length of its text in bytes of UTF-8", () => {
    for (const text of ["short", "pages of http://caf\u00e9.example", "\u00e9\u4e2d\u{1f600}"]) {
      const sent = Buffer.from(Handshake.refused({ status: 403, text }), "latin1")
      const body = sent.subarray(sent.indexOf("\r\n\r\n") + 4)
      assert.strictEqual(String(body), text)
      assert.include(sent.toString("latin1"), `\r\nContent-Length: ${body.length}\r\n`)
    }
  })

  it("Handshake agrees on the subprotocol that the server prefers, and not on the one that the client prefers", () => {
    const offered = { "sec-websocket-protocol": "b, a,c" }
    assert.strictEqual(Handshake.agreedProtocol(offered, ["x", "c", "b"]), "c")
    assert.isUndefined(Handshake.agreedProtocol(offered, ["x", ""]))
    assert.isUndefined(Handshake.agreedProtocol({}, ["a"]))
  })

  it("Handshake asks with the given path, host, offers and headers", () => {
    const lines = Handshake.opening(new URL("ws://host:81/a/?b=c#d"), ["x", "y"], { Cookie: "k=v" })(key).split("\r\n")
    assert.strictEqual(lines[0], "GET /a/?b=c HTTP/1.1")
    for (const line of ["Host: host:81", `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Protocol: x, y", "Cookie: k=v"])
      assert.include(lines, line)
    assert.deepStrictEqual(lines.slice(-2), ["", ""])
  })

  it("Handshake asks with exactly one host, the given one", () => {
    const lines = Handshake.opening(new URL("ws://host:81/"), [], { host: "other" })(key).split("\r\n")
    assert.deepStrictEqual(
      lines.filter((line) => /^host:/i.test(line)),
      ["host: other"]
    )
  })

  const unsendable = [
    [{ "X-A": "a\r\nX-B: b" }, [], /X-A has a line end/],
    // The low bytes of these characters are CR and LF.
    [{ "X-A": "a\u010d\u010aX-B: b" }, [], /X-A has/],
    [{ "X-A": "\0" }, [], /X-A has/],
    [{ "X-A": "smile \u{1f600}" }, [], /X-A has/],
    [{ "X-A: b\r\nX-C": "c" }, [], /header name .* is not a token/],
    [{ "": "c" }, [], /header name "" is not a token/],
    [{ "Sec-WebSocket-Key": key }, [], /Sec-WebSocket-Key is set by the handshake itself/],
    [{ connection: "close" }, [], /connection is set by the handshake itself/],
    [{}, ["a", "b\r\nX: y"], /subprotocol .* is not a token/],
    [{}, ["a, b"], /subprotocol .* is not a token/],
    [{}, ["a", "b", "a"], /subprotocol "a" is offered twice/]
  ] as const
  for (const [headers, protocols, problem] of unsendable)
    it(`Handshake can't send ${JSON.stringify([headers, protocols])}`, () =>
      assert.match(Handshake.problemOfOpening(protocols, { ...headers }) ?? "", problem))

  it("Handshake sends all characters that headers may have", () =>
    assert.isUndefined(
      Handshake.problemOfOpening(["v1.chat"], { Cookie: "a=\tcaf\u00e9; b", Authorization: "Bearer x" })
    ))

  const answer = (changes: Record<string, string | undefined> = {}) => {
    const headers = {
      Upgrade: "websocket",
      Connection: "keep-alive, Upgrade",
      "Sec-WebSocket-Accept": accept,
      ...changes
    }
    const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
    return Handshake.parseResponse(["HTTP/1.1 101 Switching Protocols", ...lines].join("\r\n"))!
  }

  it("Handshake finds no problem with a valid answer", () => {
    assert.isUndefined(Handshake.problemOf(answer(), accept, []))
    assert.isUndefined(Handshake.problemOf(answer({ "Sec-WebSocket-Protocol": "chat" }), accept, ["chat"]))
  })

  const wrong = [
    [{ Upgrade: "h2c" }, /not an upgrade/],
    [{ Upgrade: undefined }, /not an upgrade/],
    [{ Connection: "keep-alive" }, /Connection: Upgrade/],
    [{ "Sec-WebSocket-Accept": "x" }, /Accept/],
    [{ "Sec-WebSocket-Accept": undefined }, /Accept/],
    [{ "Sec-WebSocket-Extensions": "permessage-deflate" }, /extension/],
    [{ "Sec-WebSocket-Protocol": "other" }, /subprotocol other/]
  ] as const
  for (const [changes, problem] of wrong)
    it(`Handshake names the problem with ${JSON.stringify(changes)}`, () =>
      assert.match(Handshake.problemOf(answer(changes), accept, ["chat"]) ?? "", problem))

  it.prop("any text is parsed or refused, and never makes it throw", [FastCheck.string()], ([text]) => {
    Handshake.parseResponse(text)
    Handshake.parseResponse(`HTTP/1.1 200 OK\r\n${text}`)
  })

  it("Handshake reads the status of an answer, its phrase and its headers in lower case", () => {
    const response = Handshake.parseResponse("HTTP/1.0 404 Not Found\r\nX-Why:  because \r\nbroken")
    assert.deepStrictEqual(response, { status: 404, phrase: "Not Found", headers: new Map([["x-why", "because"]]) })
    assert.deepStrictEqual(Handshake.parseResponse("HTTP/1.1 200"), { status: 200, phrase: "", headers: new Map() })
    for (const head of ["", "HTTP/2 200", "HTTP/1.1 20", "220 mail"]) assert.isUndefined(Handshake.parseResponse(head))
  })
})
