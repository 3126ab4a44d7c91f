/** Writes looping GIFs. This is a separate script, which is loaded when a viewer first saves one. */
import { applyPalette, GIFEncoder, quantize } from "gifenc"

type Rgb = [red: number, green: number, blue: number]

/** A GIF has at most this many colours in a picture. */
const MOST_COLOURS = 256

/** The colours of a picture and the number of each pixel's colour; `undefined` if there are too many. */
const indexed = (pixels: Uint8ClampedArray) => {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4)
  const numbers = new Map<number, number>()
  const palette: Array<Rgb> = []
  const index = new Uint8Array(words.length)
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    let number = numbers.get(word)
    if (number === undefined) {
      if (palette.length === MOST_COLOURS) return undefined
      number = palette.length
      numbers.set(word, number)
      palette.push([word & 255, (word >>> 8) & 255, (word >>> 16) & 255])
    }
    index[at] = number
  }
  return { palette, index }
}

const reduced = (pixels: Uint8ClampedArray) => {
  const palette = quantize(pixels, MOST_COLOURS)
  return { palette, index: applyPalette(pixels, palette) }
}

export interface LoopWriter {
  /** Adds a picture, RGBA, that is shown for some milliseconds. */
  readonly add: (picture: ImageData, delay: number) => void
  /** The number of bytes so far. */
  readonly size: () => number
  readonly end: () => Uint8Array
}

export const begin = (): LoopWriter => {
  const encoder = GIFEncoder()
  return {
    add: ({ data, height, width }, delay) => {
      const { index, palette } = indexed(data) ?? reduced(data)
      encoder.writeFrame(index, width, height, { palette, delay, repeat: 0 })
    },
    size: () => encoder.bytesView().length,
    end: () => {
      encoder.finish()
      return encoder.bytes()
    }
  }
}
