/** Offers and answers of RFC 7692, section 7.1. */
import { assert, describe, it } from "@effect/vitest"
import { accept, agreed, offer } from "../../../src/WebSocket/Http/CompressionHeader.ts"

const plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
const keeps = { contextTakeover: true }

describe("a server", () => {
  const cases: ReadonlyArray<readonly [offered: string, answer: string | undefined, keeping: string | undefined]> = [
    ["permessage-deflate", plain, "permessage-deflate"],
    ["permessage-deflate; client_max_window_bits", plain, "permessage-deflate"],
    ["permessage-deflate; server_no_context_takeover", plain, "permessage-deflate; server_no_context_takeover"],
    ["permessage-deflate; client_no_context_takeover", plain, "permessage-deflate; client_no_context_takeover"],
    [
      'permessage-deflate; server_max_window_bits="10"; client_max_window_bits=8',
      `${plain}; server_max_window_bits=10; client_max_window_bits=8`,
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits=8"
    ],
    // zlib can't do the first.
    [
      "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9",
      `${plain}; server_max_window_bits=9`,
      "permessage-deflate; server_max_window_bits=9"
    ],
    ["x-webkit-deflate-frame, permessage-deflate", plain, "permessage-deflate"],
    ["permessage-deflate; unknown, permessage-deflate", plain, "permessage-deflate"],
    ["permessage-deflate; server_max_window_bits=16", undefined, undefined],
    ["permessage-deflate; server_max_window_bits", undefined, undefined],
    ["permessage-deflate; server_max_window_bits=010", undefined, undefined],
    ["permessage-deflate; server_no_context_takeover=1", undefined, undefined],
    ["permessage-deflate; client_max_window_bits; client_max_window_bits", undefined, undefined],
    ["permessage-bzip2", undefined, undefined],
    ["", undefined, undefined]
  ]
  for (const [offered, answer, keeping] of cases)
    it(`a server answers ${offered} with ${answer ?? "nothing"}`, () => {
      assert.strictEqual(accept(offered, {})?.answer, answer)
      assert.strictEqual(accept(offered, keeps)?.answer, keeping)
    })

  it("a server does not answer a client that offers nothing", () => {
    assert.isUndefined(accept(undefined, {}))
  })
})

describe("a client", () => {
  it("a client offers what a server with the same options accepts, and both agree on the same parameters", () => {
    for (const options of [{}, keeps]) {
      const { agreement, answer } = accept(offer(options), options)!
      assert.deepStrictEqual(agreed(answer, options), { own: agreement.peer, peer: agreement.own })
    }
  })

  it("a client follows the server's answer", () => {
    assert.deepStrictEqual(agreed("permessage-deflate; client_max_window_bits=10; client_no_context_takeover", keeps), {
      own: { contextTakeover: false, windowBits: 10 },
      peer: { contextTakeover: true, windowBits: 15 }
    })
  })

  it("a client refuses parameters that it did not offer or can't support", () => {
    for (const [answer, problem] of [
      ["permessage-deflate", /lacks server_no_context_takeover/],
      ["permessage-bzip2", /answers the offer of permessage-deflate with something else: "permessage-bzip2"/],
      [`${plain}; client_max_window_bits`, /answers the offer/],
      [`${plain}; client_max_window_bits=8`, /client_max_window_bits=8: expected 9 to 15/],
      [`${plain}, ${plain}`, /answers the offer/],
      [`${plain}; mystery`, /answers the offer/]
    ] as const)
      assert.match(String(agreed(answer, {})), problem)
  })
})
