/** Colours as pixels of a canvas: 32-bit words of a little-endian machine, 0xAABBGGRR. */

export type Colour = number

export const rgb = (red: number, green: number, blue: number): Colour =>
  (0xff000000 | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0

/** Like CSS's `hsl()`: hue in degrees, saturation and lightness from 0 to 1. */
export const hsl = (hue: number, saturation: number, lightness: number): Colour => {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12
    return 255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)))
  }
  return rgb(channel(0), channel(8), channel(4))
}

export const mix = (from: Colour, to: Colour, share: number): Colour => {
  const channel = (shift: number) => {
    const start = (from >>> shift) & 255
    return start + (((to >>> shift) & 255) - start) * share
  }
  return rgb(channel(0), channel(8), channel(16))
}

/** `count` evenly spaced colours of a gradient with two or more `stops`. */
export const gradient = (stops: ReadonlyArray<Colour>, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, index) => {
    const position = count === 1 ? 0 : (index / (count - 1)) * (stops.length - 1)
    const from = Math.min(Math.floor(position), stops.length - 2)
    return mix(stops[from]!, stops[from + 1]!, position - from)
  })
