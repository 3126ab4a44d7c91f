/**
 * Computes one step of a bit grid whose border is filled. It works on 32 cells at a time and counts neighbours with bitwise
 * adders.
 *
 * A kernel goes down each column of words and keeps the sums of the row above, so it reads each word once. A sum is stored
 * across several words: bit n of the sum of cell i is bit i of the nth word.
 */
import type { BitGrid } from "./BitGrid.ts"
import type { Neighbourhood } from "./Neighbourhood.ts"
import * as Rule from "./Rule.ts"

/** Writes into `to`, a grid of the same size, which cells of `from` are alive in the next step. `Decay` handles the states from 2 on. */
export type Kernel = (from: BitGrid, to: BitGrid) => void

export const make = (rule: Rule.Rule): Kernel => {
  if (rule._tag === "Isotropic") return byTable(rule)
  return Rule.equals(Rule.withStates(rule, 2), Rule.life) ? life : general(rule)
}

/** Conway's rule. It is faster than `general` because it only has to know whether the sum is 2 or 3. */
const life: Kernel = ({ height, stride, words }, to) => {
  const out = to.words
  for (let j = 1; j <= stride; j++) {
    // The sum of the three cells of the row above; of the middle row, the cell and the sum of its two neighbours.
    let above0 = 0
    let above1 = 0
    let cell = 0
    let sides0 = 0
    let sides1 = 0
    for (let row = 0, i = j; row < height + 2; row++, i += stride) {
      const word = words[i]!
      const west = (word << 1) | (words[i - 1]! >>> 31)
      const east = (word >>> 1) | (words[i + 1]! << 31)
      const half0 = west ^ east
      const half1 = west & east
      const below0 = half0 ^ word
      const below1 = half1 | (half0 & word)
      if (row > 1) {
        const ends = above0 ^ below0
        const ones = ends ^ sides0
        const carry = (above0 & below0) | (ends & sides0)
        // There are two or three neighbours if exactly one of the four words of weight 2 is set.
        const twos = above1 ^ below1 ^ sides1 ^ carry
        out[i - stride] = twos & ~((above1 & below1) | (sides1 & carry)) & (ones | cell)
      }
      above0 = sides0 ^ cell
      above1 = sides1 | (sides0 & cell)
      cell = word
      sides0 = half0
      sides1 = half1
    }
  }
}

/** All bits are set if the rule has this count. */
const bit = (mask: number, count: number): number => -((mask >>> count) & 1)

const ALL = -1

/** Which diagonal neighbours count: north-west, north-east, south-west, south-east. */
const diagonals: { readonly [N in Neighbourhood]: readonly [number, number, number, number] } = {
  Moore: [ALL, ALL, ALL, ALL],
  VonNeumann: [0, 0, 0, 0],
  Hexagonal: [ALL, 0, 0, ALL]
}

/** Any rule of counts. It computes the count from 0 to 8 and finds the next state with a tree of bitwise selections. */
const general = ({ birth, neighbourhood, survival }: Rule.OuterTotalistic): Kernel => {
  const [northWest, northEast, southWest, southEast] = diagonals[neighbourhood]
  const born = Array.from({ length: 9 }, (_, count) => bit(birth, count))
  // The counts for which a dead and a live cell have different next states.
  const differs = Array.from({ length: 9 }, (_, count) => bit(birth ^ survival, count))
  const [b0, b1, b2, b3, b4, b5, b6, b7, b8] = born as Nine
  const [d0, d1, d2, d3, d4, d5, d6, d7, d8] = differs as Nine
  return ({ height, stride, words }, to) => {
    const out = to.words
    for (let j = 1; j <= stride; j++) {
      let above0 = 0
      let above1 = 0
      let cell = 0
      let sides0 = 0
      let sides1 = 0
      let nextAbove0 = 0
      let nextAbove1 = 0
      for (let row = 0, i = j; row < height + 2; row++, i += stride) {
        const word = words[i]!
        const west = (word << 1) | (words[i - 1]! >>> 31)
        const east = (word >>> 1) | (words[i + 1]! << 31)
        if (row > 1) {
          const left = west & southWest
          const right = east & southEast
          const below0 = left ^ right ^ word
          const below1 = (left & right) | ((left ^ right) & word)
          const ends = above0 ^ below0
          const carry = (above0 & below0) | (ends & sides0)
          const rows = above1 & below1
          const middle = sides1 & carry
          const odd = above1 ^ below1
          const oddMiddle = sides1 ^ carry
          const n0 = ends ^ sides0
          const n1 = odd ^ oddMiddle
          const n3 = rows & middle
          const n2 = (rows | middle | (odd & oddMiddle)) & ~n3
          const c0 = b0 ^ (d0 & cell)
          const c1 = b1 ^ (d1 & cell)
          const c2 = b2 ^ (d2 & cell)
          const c3 = b3 ^ (d3 & cell)
          const c4 = b4 ^ (d4 & cell)
          const c5 = b5 ^ (d5 & cell)
          const c6 = b6 ^ (d6 & cell)
          const c7 = b7 ^ (d7 & cell)
          const c8 = b8 ^ (d8 & cell)
          const c01 = c0 ^ ((c0 ^ c1) & n0)
          const c23 = c2 ^ ((c2 ^ c3) & n0)
          const c45 = c4 ^ ((c4 ^ c5) & n0)
          const c67 = c6 ^ ((c6 ^ c7) & n0)
          const c03 = c01 ^ ((c01 ^ c23) & n1)
          const c47 = c45 ^ ((c45 ^ c67) & n1)
          const c07 = c03 ^ ((c03 ^ c47) & n2)
          out[i - stride] = c07 ^ ((c07 ^ c8) & n3)
        }
        above0 = nextAbove0
        above1 = nextAbove1
        const left = west & northWest
        const right = east & northEast
        nextAbove0 = left ^ right ^ word
        nextAbove1 = (left & right) | ((left ^ right) & word)
        cell = word
        sides0 = west ^ east
        sides1 = west & east
      }
    }
  }
}

type Nine = [number, number, number, number, number, number, number, number, number]

/** A rule that depends on which neighbours are alive. The next state of each cell is looked up in the rule's table. */
const byTable =
  ({ table }: Rule.Isotropic): Kernel =>
  ({ height, stride, words }, to) => {
    const out = to.words
    for (let row = 1; row <= height; row++) {
      for (let i = row * stride + 1; i <= (row + 1) * stride; i++) {
        const above = words[i - stride]!
        const here = words[i]!
        const below = words[i + stride]!
        // Shift the words so that each neighbour's bit is at the position of the cell.
        const northWest = (above << 1) | (words[i - stride - 1]! >>> 31)
        const northEast = (above >>> 1) | (words[i - stride + 1]! << 31)
        const west = (here << 1) | (words[i - 1]! >>> 31)
        const east = (here >>> 1) | (words[i + 1]! << 31)
        const southWest = (below << 1) | (words[i + stride - 1]! >>> 31)
        const southEast = (below >>> 1) | (words[i + stride + 1]! << 31)
        let next = 0
        for (let bit = 0; bit < 32; bit++) {
          const index =
            ((northWest >>> bit) & 1) |
            (((above >>> bit) & 1) << 1) |
            (((northEast >>> bit) & 1) << 2) |
            (((west >>> bit) & 1) << 3) |
            (((east >>> bit) & 1) << 4) |
            (((southWest >>> bit) & 1) << 5) |
            (((below >>> bit) & 1) << 6) |
            (((southEast >>> bit) & 1) << 7) |
            (((here >>> bit) & 1) << 8)
          next |= table[index]! << bit
        }
        out[i] = next
      }
    }
  }
