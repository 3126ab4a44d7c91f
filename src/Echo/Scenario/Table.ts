import { parse as parseCsv } from "csv-parse/sync"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { messageOf } from "../../Text/Thrown.ts"

/** The rows of a data file. Each row has its texts in the order of `columns`. */
export const Table = Schema.Struct({
  columns: Schema.Array(Schema.String),
  rows: Schema.Array(Schema.Array(Schema.String)),
  order: Schema.Literal("in-order", "random", "partitioned", "once")
})
export type Table = typeof Table.Type

type Content = Omit<Table, "order">

const fromCsv = (text: string): Either.Either<Content, string> =>
  Either.try({
    try: () => {
      const [columns = [], ...rows]: Array<Array<string>> = parseCsv(text, {
        bom: true,
        skip_empty_lines: true,
        trim: true
      })
      return { columns, rows }
    },
    catch: messageOf
  })

const Rows = Schema.parseJson(Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown })))

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))

const fromJson = (text: string): Either.Either<Content, string> =>
  Schema.decodeUnknownEither(Rows)(text).pipe(
    Either.mapBoth({
      onLeft: () => `expected a list of objects, such as [{"name": "Ann"}, {"name": "Ben"}]`,
      onRight: (objects) => {
        const columns = [...new Set(objects.flatMap(Object.keys))]
        return { columns, rows: objects.map((object) => columns.map((column) => textOf(object[column] ?? ""))) }
      }
    })
  )

/** Reads CSV whose first line has the names or, if the name of the file ends in `.json`, a JSON list of objects. */
export const parse = (file: string, text: string): Either.Either<Content, string> =>
  Either.filterOrLeft(
    file.endsWith(".json") ? fromJson(text) : fromCsv(text),
    ({ rows }) => rows.length > 0,
    () => "the file has no rows"
  )
