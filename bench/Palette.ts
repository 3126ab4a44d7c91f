/** Colours of contenders in one drawing: each keeps the colour of its place, unless another one there has it already. */

/** Classes of colours that `Svg.ts` defines. */
export const COLOURS = 8

/** The class of each name; `order` is that of all contenders of the document, the project's own first. */
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
