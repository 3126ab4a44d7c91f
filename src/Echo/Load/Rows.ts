import * as Count from "../../Text/Count.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Table } from "../Scenario/Table.ts"
import { RenderError } from "../Scenario/Template.ts"

/** Chooses the row of a conversation; `undefined` if none is left. */
type Draw = (client: number, random: () => number) => number | undefined

/** The rows of one table for one process. `share` is the process's part of all clients. */
const drawing = ({ order, rows }: Table, share: LoadPlan["share"]): { draw: Draw; left: () => number } => {
  const always = () => Infinity
  // Rows of several processes alternate, as their clients do.
  const own = Math.ceil((rows.length - share.index) / share.of)
  let taken = 0
  switch (order) {
    case "in-order":
      return { left: always, draw: (client) => (client - 1) % rows.length }
    case "random":
      return { left: always, draw: (_, random) => Math.floor(random() * rows.length) }
    case "partitioned":
      return {
        left: always,
        draw: () => (share.index + (taken++ % Math.max(1, own)) * share.of) % rows.length
      }
    case "once": {
      const left = () => own - taken
      return { left, draw: () => (left() > 0 ? share.index + taken++ * share.of : undefined) }
    }
  }
}

/** The rows of all tables for the conversations of one process. */
export interface Rows {
  /** Sets the variables `table.column` of a conversation. Throws a `RenderError` if a table whose rows are used once has none left. */
  readonly give: (client: number, random: () => number, set: (name: string, value: string) => void) => void
  /** Promises rows to a conversation that will begin. Returns whether every table has one that is not promised yet. */
  readonly reserve: () => boolean
}

export const make = (plan: Pick<LoadPlan, "tables" | "share">): Rows => {
  const tables = Object.entries(plan.tables).map(([name, table]) => ({
    name,
    names: table.columns.map((column) => `${name}.${column}`),
    rows: table.rows,
    ...drawing(table, plan.share)
  }))
  let promised = 0
  return {
    reserve: () => {
      const isLeft = tables.every(({ left }) => left() > promised)
      if (isLeft) promised++
      return isLeft
    },
    give: (client, random, set) => {
      promised = Math.max(0, promised - 1)
      for (const { draw, name, names, rows } of tables) {
        const index = draw(client, random)
        if (index === undefined) throw new RenderError(`no row of ${name} is left: each is used once`)
        const row = rows[index] ?? []
        for (const [column, each] of names.entries()) set(each, row[column] ?? "")
      }
    }
  }
}

/** A table whose rows are used once and that has fewer of them than there are clients, and what to do; `undefined` if there is none. */
export const tooFew = ({ clients, tables }: Pick<LoadPlan, "clients" | "tables">) => {
  const found = Object.entries(tables).find(([, { order, rows }]) => order === "once" && rows.length < clients)
  if (found === undefined) return undefined
  const [name, { rows }] = found
  const message = `${Count.format(rows.length)} rows, each of which is used once, are too few for ${Count.format(clients)} clients: give it more rows, start fewer clients, or use rows: partitioned`
  return { name, message }
}
