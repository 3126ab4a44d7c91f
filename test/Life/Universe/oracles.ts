/**
 * Facts about patterns under B3/S23 on an unbounded plane, from the Life Lexicon (release 29), LifeWiki and Golly's collection.
 * The populations were computed with an independent simulator.
 */

/** Oscillators and still lifes, with their populations over one period. */
export const oscillators: ReadonlyArray<{
  readonly name: string
  readonly rle: string
  readonly populations: ReadonlyArray<number>
}> = [
  { name: "block", rle: "2o$2o!", populations: [4] },
  { name: "tub", rle: "bo$obo$bo!", populations: [4] },
  { name: "boat", rle: "2o$obo$bo!", populations: [5] },
  { name: "beehive", rle: "b2o$o2bo$b2o!", populations: [6] },
  { name: "loaf", rle: "b2o$o2bo$bobo$2bo!", populations: [7] },
  { name: "eater 1", rle: "2o$o$b3o$3bo!", populations: [7] },
  { name: "blinker", rle: "3o!", populations: [3, 3] },
  { name: "toad", rle: "b3o$3o!", populations: [6, 6] },
  { name: "beacon", rle: "2o$o$3bo$2b2o!", populations: [6, 8] },
  { name: "clock", rle: "2bo$obo$bobo$bo!", populations: [6, 6] },
  {
    name: "pulsar",
    rle: "2b3o3b3o2$o4bobo4bo$o4bobo4bo$o4bobo4bo$2b3o3b3o2$2b3o3b3o$o4bobo4bo$o4bobo4bo$o4bobo4bo2$2b3o3b3o!",
    populations: [48, 56, 72]
  },
  { name: "mold", rle: "3b2o$2bo2bo$o2bobo$4bo$ob2o$bo!", populations: [12, 14, 12, 14] },
  { name: "figure-8", rle: "3o$3o$3o$3b3o$3b3o$3b3o!", populations: [18, 14, 20, 18, 26, 18, 16, 12] },
  {
    name: "Kok's galaxy",
    rle: "6ob2o$6ob2o$7b2o$2o5b2o$2o5b2o$2o5b2o$2o$2ob6o$2ob6o!",
    populations: [48, 40, 64, 36, 36, 44, 28, 32]
  }
]

/** Oscillators of which only the period and some first populations are known. */
export const longOscillators = [
  { name: "pentadecathlon", rle: "2bo4bo$2ob4ob2o$2bo4bo!", period: 15, populations: [12, 22, 18, 40, 18, 18, 20, 28] },
  {
    name: "queen bee shuttle",
    rle: "9bo$7bobo$6bobo$2o3bo2bo$2o4bobo$7bobo8b2o$9bo8bobo$20bo$20b2o!",
    period: 30,
    populations: []
  }
] as const

/** Spaceships, with their populations over one period. */
export const spaceships = [
  { name: "glider", rle: "bo$2bo$3o!", rows: 1, cols: 1, populations: [5, 5, 5, 5] },
  { name: "LWSS", rle: "bo2bo$o$o3bo$4o!", rows: 0, cols: -2, populations: [9, 12, 9, 12] },
  { name: "MWSS", rle: "3bo$bo3bo$o$o4bo$5o!", rows: 0, cols: -2, populations: [11, 15, 11, 15] },
  { name: "HWSS", rle: "3b2o$bo4bo$o$o5bo$6o!", rows: 0, cols: -2, populations: [13, 18, 13, 18] }
] as const

/** Period 30; 36 + 5k cells after 30k steps. */
export const gosperGun =
  "24bo$22bobo$12b2o6b2o12b2o$11bo3bo4b2o12b2o$2o8bo5bo3b2o$2o8bo3bob2o4bobo$10bo5bo7bo$11bo3bo$12b2o!"

/** Methuselahs, with populations at some steps. From the last of these on, the population stays the same. */
export const methuselahs: ReadonlyArray<{
  readonly name: string
  readonly rle: string
  readonly populations: { readonly [step: number]: number }
}> = [
  {
    name: "R-pentomino",
    rle: "b2o$2o$bo!",
    populations: {
      1: 6,
      2: 7,
      3: 9,
      4: 8,
      5: 9,
      10: 11,
      50: 64,
      100: 121,
      200: 120,
      500: 174,
      1000: 156,
      1102: 118,
      1103: 116
    }
  },
  { name: "diehard", rle: "6bo$2o$bo3b3o!", populations: { 128: 3, 129: 2, 130: 0 } },
  { name: "acorn", rle: "bo$3bo$2o2b3o!", populations: { 100: 76, 1000: 457, 5205: 635, 5206: 633 } },
  { name: "B-heptomino", rle: "ob2o$3o$bo!", populations: { 148: 28 } },
  { name: "Herschel", rle: "o$obo$3o$2bo!", populations: { 128: 24 } },
  { name: "pi-heptomino", rle: "3o$obo$obo!", populations: { 173: 55 } }
]

/** An agar of period 3 on a torus of 8 x 8, the tile of Golly's agar-p3.rle. */
export const agar = {
  rle: "obo2bobo$4bobo$b2obo2bo$o5bo$bob2obo$obo$o2bob2o$2bobo!",
  populations: [24, 32, 32]
} as const

/** An agar of period 14 on a torus of 24 x 24, a quarter of Golly's herringbone-agar-p14.rle. */
export const herringbone =
  "2b3o3b2o2bo$2b2o3b4o5bo6bo$2bo13b3o3b2o$o5bo6bo2b2o3b3o$6b3o3b2o2bo$3bo2b2o3b4o5bo$2b2o2bo13b3o$b4o5bo6bo2b2o$" +
  "10b3o3b2o2bo$o6bo2b2o3b4o$3o3b2o2bo$2o3b4o5bo6bo$o13b3o3b2o$4bo6bo2b2o3b4o$4b3o3b2o2bo$bo2b2o3b4o5bo$2o2bo13b3o$" +
  "3o5bo6bo2b2o3bo$8b3o3b2o2bo$5bo2b2o3b4o5bo$o3b2o2bo13b2o$3b4o5bo6bo2b2o$12b3o3b2o2bo$2bo6bo2b2o3b4o!"
