import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Table } from "../Scenario/Table.ts"

type Draw = (client: number, random: () => number) => number

/** Chooses the row of a conversation. `share` is the process's part of all clients. */
const drawing = ({ order, rows }: Table, share: LoadPlan["share"]): Draw => {
  switch (order) {
    case "in-order":
      return (client) => (client - 1) % rows.length
    case "random":
      return (_, random) => Math.floor(random() * rows.length)
    case "partitioned": {
      const own = Math.max(1, Math.ceil((rows.length - share.index) / share.of))
      let taken = 0
      return () => (share.index + (taken++ % own) * share.of) % rows.length
    }
  }
}

/** Sets the variables `table.column` of a conversation from its row of every table. */
export const make = (
  plan: LoadPlan
): ((client: number, random: () => number, set: (name: string, value: string) => void) => void) => {
  const tables = Object.entries(plan.tables).map(([name, table]) => ({
    names: table.columns.map((column) => `${name}.${column}`),
    rows: table.rows,
    draw: drawing(table, plan.share)
  }))
  return (client, random, set) => {
    for (const { draw, names, rows } of tables) {
      const row = rows[draw(client, random)] ?? []
      for (const [index, name] of names.entries()) set(name, row[index] ?? "")
    }
  }
}
