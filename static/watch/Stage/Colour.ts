/** Colours as pixels of a canvas: 32-bit words of a little-endian machine, 0xAABBGGRR. */

export type Colour = number

export const rgb = (red: number, green: number, blue: number): Colour =>
  (0xff000000 | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0

/** Like CSS's `hsl()`: hue in degrees, saturation and lightness from 0 to 1. */
const hsl = (hue: number, saturation: number, lightness: number): Colour => {
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

/** The red, green and blue light of a colour, from 0 to 1. */
const light = (colour: Colour): readonly [number, number, number] => {
  const channel = (shift: number) => {
    const value = ((colour >>> shift) & 255) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(0), channel(8), channel(16)]
}

/** The relative luminance of WCAG, from 0 to 1. */
const luminance = (colour: Colour): number => {
  const [red, green, blue] = light(colour)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Whether a colour is a saturated red, whose flashes WCAG limits too. */
const isSaturatedRed = (colour: Colour): boolean => {
  const [red, green, blue] = light(colour)
  return red > 0 && red / (red + green + blue) >= 0.8
}

/** The value from `low` to `high` at which a function that grows reaches 0. */
const solve = (low: number, high: number, value: (x: number) => number): number => {
  let [from, to] = [low, high]
  for (let round = 0; round < 24; round++) {
    const middle = (from + to) / 2
    if (value(middle) < 0) from = middle
    else to = middle
  }
  return (from + to) / 2
}

/** A colour of a hue with this luminance, as saturated as possible up to `saturation`, but no saturated red. */
export const hueAt = (hue: number, saturation: number, target: number): Colour => {
  const lightness = solve(0, 1, (each) => luminance(hsl(hue, saturation, each)) - target)
  const colour = hsl(hue, saturation, lightness)
  return isSaturatedRed(colour) ? hueAt(hue, saturation - 0.05, target) : colour
}

/** The colour mixed with black or white until it has this luminance. */
export const atLuminance = (colour: Colour, target: number): Colour =>
  luminance(colour) > target
    ? mix(
        rgb(0, 0, 0),
        colour,
        solve(0, 1, (share) => luminance(mix(rgb(0, 0, 0), colour, share)) - target)
      )
    : mix(
        colour,
        rgb(255, 255, 255),
        solve(0, 1, (share) => luminance(mix(colour, rgb(255, 255, 255), share)) - target)
      )

/** `count` evenly spaced colours of a gradient with two or more `stops`. */
export const gradient = (stops: ReadonlyArray<Colour>, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, index) => {
    const position = count === 1 ? 0 : (index / (count - 1)) * (stops.length - 1)
    const from = Math.min(Math.floor(position), stops.length - 2)
    return mix(stops[from]!, stops[from + 1]!, position - from)
  })
