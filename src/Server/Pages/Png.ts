/** Encodes pictures of at most 256 colours as PNG (RFC 2083). */
import { promisify } from "node:util"
import { crc32, deflate } from "node:zlib"

export type Colour = readonly [red: number, green: number, blue: number]

export interface Picture {
  readonly width: number
  readonly height: number
  readonly palette: ReadonlyArray<Colour>
  /** The index of the colour of each pixel, row by row. */
  readonly pixels: Uint8Array
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

const chunk = (type: string, data: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(data.length + 12)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, "latin1")
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8)
  return bytes
}

const header = ({ height, width }: Picture): Uint8Array => {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  // Eight bits for each pixel, which are the index of a colour.
  data.set([8, 3, 0, 0, 0], 8)
  return data
}

/** Each row begins with a byte for its filter, which is 0 for none. */
const scanLines = ({ height, pixels, width }: Picture): Uint8Array => {
  const lines = new Uint8Array((width + 1) * height)
  for (let row = 0; row < height; row++)
    lines.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1)
  return lines
}

const pack = promisify(deflate)

/** The bytes of the PNG file. The compression runs outside of the event loop. */
export const encode = async (picture: Picture): Promise<Uint8Array> =>
  Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header(picture)),
    chunk("PLTE", Uint8Array.from(picture.palette.flat())),
    chunk("IDAT", await pack(scanLines(picture))),
    chunk("IEND", new Uint8Array(0))
  ])
