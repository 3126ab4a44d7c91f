/**
 * Alan Hensel's names for the arrangements of live neighbours: `2a` is two neighbours side by side, `4c` is the four corners.
 * Arrangements that are rotations or reflections of each other have the same name.
 * https://conwaylife.com/wiki/Isotropic_non-totalistic_rule
 */
import { countIn, counts } from "./Neighbourhood.ts"

/** The letters in the order in which Golly writes them. */
const ORDER = "aceijknqrtwyz"

/** One arrangement for each count and letter, as three rows. For the counts 5 to 8 the letter describes the dead neighbours. */
const drawings: { readonly [count: number]: { readonly [letter: string]: string } } = {
  1: {
    c: "... ... ..o",
    e: "... ... .o."
  },
  2: {
    c: "... ... o.o",
    e: "... ..o .o.",
    a: "... ... .oo",
    i: "... o.o ...",
    k: "... o.. ..o",
    n: "..o ... o.."
  },
  3: {
    c: "..o ... o.o",
    e: "... o.o .o.",
    a: "... ..o .oo",
    i: "... ... ooo",
    k: "..o o.. .o.",
    n: "... ..o o.o",
    j: "... ..o oo.",
    q: "..o ... oo.",
    r: "... o.o ..o",
    y: "..o o.. ..o"
  },
  4: {
    c: "o.o ... o.o",
    e: ".o. o.o .o.",
    a: "... ..o ooo",
    i: "... o.o o.o",
    k: "..o o.. .oo",
    n: "..o ... ooo",
    j: "..o o.o .o.",
    q: "..o o.. oo.",
    r: "... o.o .oo",
    y: "..o o.. o.o",
    t: "..o o.o ..o",
    w: "..o ..o oo.",
    z: "..o o.o o.."
  }
}

/** The mask of a drawing. A mask has no bit for the cell in the middle. */
const maskOf = (drawing: string): number =>
  [...drawing.replaceAll(" ", "")]
    .filter((_, place) => place !== 4)
    .reduce((mask, char, direction) => (char === "o" ? mask | (1 << direction) : mask), 0)

/** The new index of each direction after a quarter turn, and after mirroring: NW N NE W E SW S SE are 0 to 7. */
const turned = [2, 4, 7, 1, 6, 0, 3, 5]
const mirrored = [2, 1, 0, 4, 3, 7, 6, 5]

const moved = (mask: number, places: ReadonlyArray<number>): number =>
  places.reduce((result, to, from) => result | (((mask >>> from) & 1) << to), 0)

const images = (mask: number): ReadonlyArray<number> => {
  const turns = [mask]
  for (let n = 1; n < 4; n++) turns.push(moved(turns[n - 1]!, turned))
  return [...turns, ...turns.map((image) => moved(image, mirrored))]
}

/** The letter of each mask. It is empty for 0 and 8 neighbours, which have only one arrangement. */
const letterOf: ReadonlyArray<string> = (() => {
  const letters = new Array<string>(256).fill("")
  for (const drawn of Object.values(drawings)) {
    for (const [letter, drawing] of Object.entries(drawn)) {
      for (const mask of images(maskOf(drawing))) {
        letters[mask] = letter
        if (countIn(mask) < 4) letters[255 - mask] = letter
      }
    }
  }
  return letters
})()

/** The letters of a count, in Golly's order. */
export const lettersOf = (count: number): ReadonlyArray<string> => {
  const drawn = drawings[count > 4 ? 8 - count : count] ?? {}
  return [...ORDER].filter((letter) => letter in drawn)
}

/** One half of a rule, such as `2-a`: the letters that are allowed for each count. */
export type Conditions = ReadonlyMap<number, ReadonlySet<string>>

export const isMet = (conditions: Conditions, mask: number): boolean =>
  conditions.get(countIn(mask))?.has(letterOf[mask]!) === true

/** All letters of a count; the empty text for 0 and 8. */
export const everyWay = (count: number): ReadonlySet<string> => {
  const letters = lettersOf(count)
  return new Set(letters.length === 0 ? [""] : letters)
}

/** The half of a rule that allows the masks of `isIn`, as Golly writes it: `2-a34w`. */
export const format = (isIn: (mask: number) => boolean): string =>
  counts
    .map((count) => {
      const all = [...everyWay(count)]
      const letters = new Set<string>()
      for (let mask = 0; mask < 256; mask++) if (countIn(mask) === count && isIn(mask)) letters.add(letterOf[mask]!)
      if (letters.size === 0) return ""
      if (letters.size === all.length) return String(count)
      // Golly lists the letters that are allowed, or after `-` those that are not, whichever is shorter.
      return 2 * letters.size <= all.length + 1
        ? `${count}${all.filter((letter) => letters.has(letter)).join("")}`
        : `${count}-${all.filter((letter) => !letters.has(letter)).join("")}`
    })
    .join("")
