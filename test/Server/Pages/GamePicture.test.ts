/** The picture of a game, as it is seen in the preview of a link. */
import { crc32, inflateSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Hexagons from "../../../src/Protocol/Hexagons.ts"
import * as GamePicture from "../../../src/Server/Pages/GamePicture.ts"
import * as PageOrigin from "../../../src/Server/Pages/PageOrigin.ts"
import * as Png from "../../../src/Server/Pages/Png.ts"
import { WatchState } from "../../../src/Server/Watch/WatchState.ts"
import { eventually } from "../../eventually.ts"
import { reset, serveRelay, subscribe, worker } from "../Game/RelayRig.ts"

/** Reads the output of `Png.encode`, and checks the checksum of each chunk. */
const decode = (bytes: Uint8Array) => {
  const png = Buffer.from(bytes)
  assert.strictEqual(png.subarray(0, 8).toString("latin1"), "\u0089PNG\r\n\u001a\n")
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    assert.strictEqual(png.readUInt32BE(at + 8 + length), crc32(png.subarray(at + 4, at + 8 + length)))
    chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const header = chunks.get("IHDR")!
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const palette = chunks.get("PLTE")!
  const lines = inflateSync(chunks.get("IDAT")!)
  assert.strictEqual(lines.length, (width + 1) * height)
  const colourAt = (x: number, y: number) => {
    const number = lines[y * (width + 1) + 1 + x]!
    return [...palette.subarray(3 * number, 3 * number + 3)]
  }
  return { width, height, kinds: [...chunks.keys()], colourAt }
}

const [outside, dead, alive] = [
  [16, 19, 26],
  [28, 36, 52],
  [127, 178, 255]
]

describe("Png", () => {
  it.effect.prop(
    "a picture is read as it was written",
    [FastCheck.uint8Array({ minLength: 12, maxLength: 12, max: 2 })],
    ([pixels]) =>
      Effect.promise(async () => {
        const palette: ReadonlyArray<Png.Colour> = [
          [1, 2, 3],
          [4, 5, 6],
          [250, 251, 252]
        ]
        const read = decode(await Png.encode({ width: 4, height: 3, palette, pixels }))
        assert.deepStrictEqual(read.kinds, ["IHDR", "PLTE", "IDAT", "IEND"])
        for (let index = 0; index < 12; index++)
          assert.deepStrictEqual(read.colourAt(index % 4, Math.floor(index / 4)), [...palette[pixels[index]!]!])
      })
  )
})

describe("GamePicture", () => {
  const drawn = async (
    width: number,
    height: number,
    stateCount: number,
    states: ReadonlyArray<number>,
    topology = ""
  ) => {
    const cells = Uint8Array.from({ length: width * height }, (_, index) => states[index] ?? 0)
    return decode(await Png.encode(GamePicture.draw({ width, height, topology, stateCount, states: cells })))
  }

  it("GamePicture shifts the rows of hexagons, also where several cells share a pixel", async () => {
    const read = await drawn(4, 3, 2, [0, 0, 0, 0, 1], "B2/S34H:T4,3")
    const extent = Hexagons.extentOf({ width: 4, height: 3 })
    const scale = Math.floor(Math.min(1152 / extent.width, 582 / extent.height))
    const colourAt = (x: number, y: number) => {
      const centre = Hexagons.centreOf({ x, y }, 3)
      return read.colourAt(
        Math.floor((1200 - extent.width * scale) / 2 + centre.x * scale),
        Math.floor((630 - extent.height * scale) / 2 + centre.y * scale)
      )
    }
    assert.deepStrictEqual([colourAt(0, 1), colourAt(0, 0), colourAt(1, 1), colourAt(3, 2)], [alive, dead, dead, dead])
    assert.deepStrictEqual([read.colourAt(300, 30), read.colourAt(900, 600)], [outside, outside])
    const large = await drawn(2_000, 1_000, 2, [], "B2/S34H")
    assert.deepStrictEqual(large.colourAt(600, 315), dead)
  })

  it("GamePicture shows each cell in whole pixels, in the colour of its state", async () => {
    const read = await drawn(4, 2, 4, [1, 2, 3, 255])
    assert.deepStrictEqual([read.width, read.height], [1200, 630])
    // 288 pixels for a cell, in the middle.
    const middle = (column: number, row: number) => read.colourAt(24 + 288 * column + 144, 27 + 288 * row + 144)
    assert.deepStrictEqual(middle(0, 0), alive)
    assert.deepStrictEqual([middle(3, 0), middle(0, 1)], [dead, dead])
    assert.notDeepEqual(middle(1, 0), middle(2, 0))
    assert.notDeepEqual(middle(2, 0), dead)
    assert.deepStrictEqual(read.colourAt(2, 2), outside)
  })

  it("GamePicture gives all pixels of a cell its colour, and the gap between cells none of them", async () => {
    const read = await drawn(4, 2, 2, [1, 0, 0, 0, 0, 0, 1, 0])
    const colours = (column: number, row: number) => {
      const found = new Set<string>()
      for (let y = 0; y < 287; y++)
        for (let x = 0; x < 287; x += 7) found.add(read.colourAt(24 + 288 * column + x, 27 + 288 * row + y).join())
      return [...found]
    }
    assert.deepStrictEqual([colours(0, 0), colours(2, 1)], [[alive!.join()], [alive!.join()]])
    assert.deepStrictEqual([colours(1, 0), colours(0, 1)], [[dead!.join()], [dead!.join()]])
    assert.deepStrictEqual([read.colourAt(24 + 287, 100), read.colourAt(100, 27 + 287)], [outside, outside])
  })

  it("GamePicture loses no living cell of a grid that has more cells than the picture has pixels", async () => {
    const width = 2600
    const read = await drawn(width, 10, 2, [...new Array(5 * width + 1301).fill(0), 1])
    const found = Array.from({ length: 1200 * 630 }, (_, index) =>
      read.colourAt(index % 1200, Math.floor(index / 1200))
    )
    assert.isAtLeast(found.filter((colour) => colour.join() === alive!.join()).length, 1)
  })
})

it.live("however many pictures are asked for at once, the event loop has its turn between two", () =>
  Effect.gen(function* () {
    const turns = yield* Effect.makeSemaphore(1)
    const drawnIn: Array<number> = []
    let turn = 0
    let isOver = false
    const count = () => {
      turn++
      if (!isOver) setImmediate(count)
    }
    count()
    const files = yield* Effect.forEach([1, 2, 3, 4], () =>
      GamePicture.file(
        turns,
        () => {
          drawnIn.push(turn)
          return { width: 1, height: 1, topology: "", stateCount: 2, states: Uint8Array.of(1) }
        },
        GamePicture.smallSize
      )
    )
    yield* Effect.all(files, { concurrency: "unbounded" })
    isOver = true
    assert.strictEqual(new Set(drawnIn).size, 4)
  })
)

describe("a snapshot", () => {
  it("a snapshot is the newest whole generation, or the newest state of each cell if there is none", () => {
    const state = new WatchState()
    state.reset(2, 1, "", 3)
    assert.deepStrictEqual([...state.snapshot().states], [255, 255])
    state.record(0, 0, 1)
    assert.deepStrictEqual([...state.snapshot().states], [1, 255])
    state.record(1, 0, 0)
    state.record(0, 1, 2)
    assert.deepStrictEqual([...state.snapshot().states], [1, 0])
  })
})

describe("the server", () => {
  it.scopedLive(
    "the server draws the present game, and links the picture in its page under the origin of the request",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        yield* reset(port, "1 1 //4:T1,1 4")
        const client = yield* worker(port)
        yield* subscribe(client, [])
        client.socket.send("0 0 0 1")
        const picture = Effect.promise(async () => {
          const response = await fetch(`http://127.0.0.1:${port}/picture.png`)
          assert.strictEqual(response.headers.get("content-type"), "image/png")
          return decode(new Uint8Array(await response.arrayBuffer())).colourAt(600, 300)
        })
        yield* Effect.promise(() =>
          eventually(async () => assert.deepStrictEqual(await Effect.runPromise(picture), alive))
        )
        const page = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/`)).text())
        assert.include(page, '<meta property="og:title" content="Game of Life 1x1">')
        assert.include(page, `<meta property="og:image" content="http://127.0.0.1:${port}/picture.png">`)
      })
  )

  it.scopedLive("the server draws a game with a name, and not one that does not exist", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      yield* reset(port, "3", "/games/ada/")
      const get = (path: string) => Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`))
      const picture = yield* get("/games/ada/picture.png")
      const bytes = yield* Effect.promise(() => picture.arrayBuffer())
      assert.deepStrictEqual(decode(new Uint8Array(bytes)).colourAt(600, 300), dead)
      assert.strictEqual((yield* get("/games/bob/picture.png")).status, 404)
      const page = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/games/ada/`)).text())
      assert.include(page, `content="http://127.0.0.1:${port}/games/ada/picture.png"`)
    })
  )
})

describe("the url in the page", () => {
  it.each([
    ["localhost:8000", "http://localhost:8000"],
    ["life.example", "http://life.example"],
    ["[::1]:8000", "http://[::1]:8000"],
    ['"><script>', undefined],
    ["a b", undefined],
    ["", undefined],
    [undefined, undefined]
  ])("the url in the page of %s", (host, expected) => {
    const originOf = PageOrigin.make(false, [])
    assert.strictEqual(originOf("192.0.2.1", { host }), expected)
  })

  it("the url in the page has the scheme that a trusted proxy tells, and otherwise the server's", () => {
    const originOf = PageOrigin.make(false, ["10.0.0.0/8"])
    const headers = { host: "life.example", "x-forwarded-proto": "https" }
    assert.strictEqual(originOf("10.0.0.1", headers), "https://life.example")
    assert.strictEqual(originOf("10.0.0.1", { host: "life.example" }), "http://life.example")
    assert.strictEqual(originOf("192.0.2.1", headers), "http://life.example")
    const secure = PageOrigin.make(true, [])
    assert.strictEqual(secure("192.0.2.1", headers), "https://life.example")
  })
})
