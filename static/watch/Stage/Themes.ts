/** The colour themes of the grid. A cell whose state stays may change its colour, but hardly its lightness, unless it goes one way. Live and dead cells always differ in lightness, not only in hue. */
import { MAX_AGE, NO_STEP, UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "../Model/Model.ts"
import { stepRange } from "../Model/Model.ts"
import type { Colour } from "./Colour.ts"
import { atLuminance, gradient, hueAt, mix, rgb } from "./Colour.ts"

export type Scheme = "light" | "dark"

export interface Theme {
  readonly name: string
  readonly label: string
  /** The meaning of the colours, for the legend; `dying` is for dying cells, in rules that have them. */
  readonly legend: (dying: string | undefined) => string
  /** Writes a colour for each cell that has a state. */
  readonly paint: (frame: Frame, scheme: Scheme, pixels: Uint32Array) => void
}

const paper: Record<Scheme, Colour> = { light: rgb(247, 248, 250), dark: rgb(16, 19, 26) }
const ink: Record<Scheme, Colour> = { light: rgb(28, 33, 43), dark: rgb(232, 237, 245) }

/** The colours of dying cells: from one that is clearly different from dead cells to one that is just different. */
const dyingStops: Record<Scheme, ReadonlyArray<Colour>> = {
  light: [rgb(232, 96, 44), rgb(250, 190, 130)],
  dark: [rgb(170, 64, 44), rgb(104, 42, 46)]
}

const dyingTables = new Map<string, Uint32Array>()

/** A colour for each state from 2 on. */
const dyingTable = (scheme: Scheme, stateCount: number): Uint32Array => {
  const key = `${scheme} ${stateCount}`
  const known = dyingTables.get(key) ?? gradient(dyingStops[scheme], stateCount - 2)
  dyingTables.set(key, known)
  return known
}

/** The colours of cells at one step: dead ones by age or heat, then living ones by age or heat, then one for each dying state. */
type Table = Uint32Array

/** With dying states, dead cells have no colours of their own. */
const tableOf = (
  { stateCount }: Frame,
  scheme: Scheme,
  dead: (value: number) => Colour,
  living: (value: number) => Colour
): Table => {
  const table = new Uint32Array(510 + stateCount)
  for (let value = 0; value < 256; value++) {
    table[value] = stateCount === 2 ? dead(value) : paper[scheme]
    table[256 + value] = living(value)
  }
  if (stateCount > 2) table.set(dyingTable(scheme, stateCount), 512)
  return table
}

/** Paints by tables. `prepare` makes that of a step; it is asked once for all cells of a step. */
const painter =
  (by: "ages" | "heats", prepare: (frame: Frame, scheme: Scheme) => (step: number) => Table): Theme["paint"] =>
  (frame, scheme, pixels) => {
    const { states, steps, [by]: values } = frame
    const make = prepare(frame, scheme)
    // The steps of neighbours differ by one at most, so few tables are needed at a time.
    const known: Array<{ readonly step: number; readonly table: Table } | undefined> = new Array(64)
    const tableAt = (step: number): Table => {
      const slot = known[step & 63]
      if (slot?.step === step) return slot.table
      const table = make(step)
      known[step & 63] = { step, table }
      return table
    }
    let step = NO_STEP
    let table: Table = new Uint32Array(0)
    for (let index = 0; index < states.length; index++) {
      const state = states[index]!
      if (state === UNKNOWN) continue
      if (steps[index]! !== step) {
        step = steps[index]!
        table = tableAt(step)
      }
      pixels[index] = table[state < 2 ? (state << 8) | values[index]! : 510 + state]!
    }
  }

const dyingLegend = (stateCount: number): string | undefined =>
  stateCount === 2
    ? undefined
    : stateCount === 3
      ? "Dying cells (state 2) are orange."
      : `Dying cells (states 2 to ${stateCount - 1}) fade from orange.`

/** The legend of a theme for a game with this number of states. */
export const legendFor = ({ legend }: Theme, stateCount: number): string => legend(dyingLegend(stateCount))

/** Makes a legend. With dying cells, dead cells have no colours of their own. */
const legendOf =
  (plain: string, living: string): Theme["legend"] =>
  (dying) =>
    dying === undefined ? plain : `${living} ${dying}`

/** Degrees by which the hue turns from one step to the next. */
const HUE_SHIFT = 20
const HUES = 360 / HUE_SHIFT

/** All hues are equally light, so that a cell that keeps its state does not flash. */
const hueTables: Record<Scheme, Uint32Array> = {
  light: Uint32Array.from({ length: 2 * HUES }, (_, k) => hueAt((k >> 1) * HUE_SHIFT, 1, k & 1 ? 0.06 : 0.86)),
  dark: Uint32Array.from({ length: 2 * HUES }, (_, k) =>
    hueAt((k >> 1) * HUE_SHIFT, k & 1 ? 1 : 0.6, k & 1 ? 0.55 : 0.012)
  )
}

const hue: Theme = {
  name: "hue",
  label: "Wavefront",
  legend: legendOf(
    "The hue turns with every step, so cells of one colour are at the same step.",
    "The hue of living cells turns with every step."
  ),
  paint: painter("ages", (frame, scheme) => (step) => {
    const [dead, living] = hueTables[scheme].subarray((step % HUES) * 2)
    return tableOf(
      frame,
      scheme,
      () => dead!,
      () => living!
    )
  })
}

const mono: Theme = {
  name: "mono",
  label: "Plain",
  legend: legendOf(
    "Living cells stand out from the background; nothing else is coloured.",
    "Living cells stand out from the background."
  ),
  paint: painter("ages", (frame, scheme) => {
    const table = tableOf(
      frame,
      scheme,
      () => paper[scheme],
      () => ink[scheme]
    )
    return () => table
  })
}

/** Steps over which the trace of a dead cell fades. */
const FADING = 24

type Stops = ReadonlyArray<Colour>

/** The colour of the fresh trace of a dead cell, and the colours of a living one from young to old. Each goes one way in lightness. */
interface Ageing {
  readonly trace: Record<Scheme, Colour>
  readonly living: Record<Scheme, Stops>
}

/** Maps ages to colours. Young cells are frequent, so they get more of the colours. */
const rampIndex = Uint8Array.from({ length: MAX_AGE + 1 }, (_, age) =>
  Math.round((63 * Math.log1p(age)) / Math.log1p(MAX_AGE))
)

const ageing = (name: string, label: string, { living, trace }: Ageing): Theme => {
  const coloursOf = (scheme: Scheme): readonly [dead: Uint32Array, alive: Uint32Array] => [
    gradient([trace[scheme], paper[scheme]], FADING),
    gradient(living[scheme], 64)
  ]
  const tables = { light: coloursOf("light"), dark: coloursOf("dark") }
  const paint = painter("ages", (frame, scheme) => {
    const { agesUpTo = MAX_AGE } = frame
    const [dead, alive] = tables[scheme]
    return (step) => {
      // A cell that has been dead from the start, or for as long as is known, leaves no trace.
      const oldest = Math.min(step, agesUpTo, FADING - 1)
      return tableOf(
        frame,
        scheme,
        (value) => dead[value >= oldest ? FADING - 1 : value]!,
        (value) => alive[rampIndex[value]!]!
      )
    }
  })
  const legend = legendOf(
    "Living cells change colour as they grow old; the dead leave a trace that fades.",
    "Living cells change colour as they grow old."
  )
  return { name, label, legend, paint }
}

const age = ageing("age", "Age", {
  trace: { light: rgb(199, 216, 240), dark: rgb(36, 43, 78) },
  living: {
    light: [rgb(0, 122, 138), rgb(58, 66, 170), rgb(96, 20, 112), rgb(38, 10, 42)],
    dark: [rgb(255, 250, 190), rgb(253, 180, 80), rgb(236, 96, 104), rgb(176, 88, 190)]
  }
})

const phosphor = ageing("phosphor", "Phosphor", {
  trace: { light: rgb(208, 230, 210), dark: rgb(12, 52, 30) },
  living: {
    light: [rgb(0, 124, 60), rgb(0, 92, 52), rgb(0, 56, 36)],
    dark: [rgb(214, 255, 214), rgb(96, 236, 130), rgb(38, 170, 84)]
  }
})

const sea = ageing("sea", "Deep sea", {
  trace: { light: rgb(200, 224, 236), dark: rgb(16, 46, 74) },
  living: {
    light: [rgb(0, 112, 168), rgb(0, 76, 140), rgb(12, 36, 92)],
    dark: [rgb(222, 250, 255), rgb(112, 204, 240), rgb(74, 142, 222)]
  }
})

const dusk = ageing("dusk", "Dusk", {
  trace: { light: rgb(236, 216, 226), dark: rgb(58, 32, 62) },
  living: {
    light: [rgb(168, 60, 110), rgb(118, 40, 112), rgb(62, 22, 78)],
    dark: [rgb(255, 236, 214), rgb(250, 176, 160), rgb(214, 124, 172)]
  }
})

const copper = ageing("copper", "Copper", {
  trace: { light: rgb(236, 224, 204), dark: rgb(56, 38, 22) },
  living: {
    light: [rgb(150, 86, 20), rgb(112, 60, 20), rgb(66, 34, 16)],
    dark: [rgb(255, 244, 220), rgb(240, 192, 128), rgb(204, 138, 80)]
  }
})

const heatTables: Record<Scheme, readonly [dead: Uint32Array, alive: Uint32Array]> = {
  light: [
    gradient([paper.light, rgb(255, 226, 170), rgb(255, 190, 140)], 256),
    gradient([rgb(38, 44, 58), rgb(122, 40, 30), rgb(176, 42, 0)], 256)
  ],
  dark: [
    gradient([paper.dark, rgb(58, 24, 52), rgb(104, 32, 44)], 256),
    gradient([rgb(176, 190, 214), rgb(255, 176, 84), rgb(255, 240, 170)], 256)
  ]
}

const activity: Theme = {
  name: "activity",
  label: "Activity",
  legend: legendOf(
    "Warmer cells have changed more often recently.",
    "Warmer living cells have changed more often recently."
  ),
  paint: painter("heats", (frame, scheme) => {
    const [dead, alive] = heatTables[scheme]
    const table = tableOf(
      frame,
      scheme,
      (heat) => dead[heat]!,
      (heat) => alive[heat]!
    )
    return () => table
  })
}

const lagStops: Record<Scheme, readonly [dead: ReadonlyArray<Colour>, alive: ReadonlyArray<Colour>]> = {
  light: [
    [rgb(255, 201, 140), rgb(240, 241, 244), rgb(160, 205, 255)],
    [rgb(140, 66, 0), rgb(72, 78, 92), rgb(0, 70, 150)]
  ],
  dark: [
    [rgb(96, 50, 8), rgb(28, 32, 40), rgb(10, 52, 104)],
    [rgb(255, 184, 108), rgb(212, 218, 228), rgb(130, 196, 255)]
  ]
}

const LAG_SHADES = 33
const lagTable = (stops: ReadonlyArray<Colour>, target: number): Uint32Array =>
  gradient(stops, LAG_SHADES).map((colour) => atLuminance(colour, target))

/** All shades are equally light, so that a cell that is ahead and behind in turn does not flash. */
const lagTables: Record<Scheme, readonly [dead: Uint32Array, alive: Uint32Array]> = {
  light: [lagTable(lagStops.light[0], 0.76), lagTable(lagStops.light[1], 0.075)],
  dark: [lagTable(lagStops.dark[0], 0.025), lagTable(lagStops.dark[1], 0.58)]
}

const lag: Theme = {
  name: "lag",
  label: "Lead and lag",
  legend: (dying) => {
    const all = "No clock drives the cells: orange ones are behind the others, blue ones ahead."
    return dying === undefined ? all : `${all} Dying cells are between the living and the dead.`
  },
  paint: painter("ages", (frame, scheme) => {
    const [dead, alive] = lagTables[scheme]
    const { max, min } = stepRange(frame)
    const middle = (LAG_SHADES - 1) / 2
    // The full colour is for a lead of two steps or more, so that a lead of one is visible but not too strong.
    const reach = Math.max(2, (max - min) / 2)
    const centre = (max + min) / 2
    return (step) => {
      const shade = Math.round(middle + ((step - centre) / reach) * middle)
      const table = new Uint32Array(510 + frame.stateCount).fill(mix(dead[shade]!, alive[shade]!, 0.45))
      table.fill(dead[shade]!, 0, 256)
      table.fill(alive[shade]!, 256, 512)
      return table
    }
  })
}

/** The colours of cells without a state: an empty place, a place with a worker, and a place with a subscribed worker. */
export const vacancies: Record<Scheme, readonly [Colour, Colour, Colour]> = {
  light: [rgb(232, 235, 240), mix(rgb(232, 235, 240), rgb(54, 116, 217), 0.35), rgb(54, 116, 217)],
  dark: [rgb(24, 28, 37), mix(rgb(24, 28, 37), rgb(120, 170, 255), 0.35), rgb(120, 170, 255)]
}

export const themes: ReadonlyArray<Theme> = [age, hue, mono, activity, lag, phosphor, sea, dusk, copper]

export const themeNamed = (name: string | null | undefined): Theme => themes.find((theme) => theme.name === name) ?? age
