/** The colours of contenders in one drawing. Each contender keeps the colour of its place in the order, unless another one of the drawing has it already. */

/** The colours by place. The first one is the project's. They differ in lightness as well as in hue. */
export const light = ["#0b57d0", "#d1495b", "#8a6d00", "#2e8b57", "#7b4fa3", "#666666", "#008299", "#aa5500"]
export const dark = ["#8ab4f8", "#ff8fa0", "#e0c04a", "#7fd6a5", "#c9a5ee", "#aaaaaa", "#6fd3e3", "#f0a860"]

/** The number of colours. `Svg.ts` has a class `c0`, `c1`, … for each. */
export const COLOURS = light.length

/** The class of each name. `order` has all contenders of the document, the project first. */
export const paintsOf = (names: ReadonlyArray<string>, order: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const taken = new Set<number>()
  const paints = new Map<string, string>()
  for (const name of names.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))) {
    let place = order.indexOf(name) % COLOURS
    for (let i = 0; taken.has(place) && i < COLOURS; i++) place = (place + 1) % COLOURS
    taken.add(place)
    paints.set(name, `c${place}`)
  }
  return paints
}
