/** What pages are answered with: one of their files, or a text that was made for the request. */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { fileOf, respond, StaticFiles } from "./StaticFiles.ts"

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export const made = (type: string, text: string) =>
  Effect.flatMap(fileOf(type, encoder.encode(text)), (one) => respond(one))

export const html = (text: string) => made("text/html; charset=utf-8", text)

export const notFound = HttpServerResponse.text("Not Found", { status: 404 })

/** `version`: the hash in the url. */
export const file = (name: string, version?: string) =>
  Effect.flatMap(StaticFiles, (files) =>
    Effect.flatMap(files.get(name), (found) =>
      found === undefined ? Effect.succeed(notFound) : respond(found, version)
    )
  )

/** The text of a file in which a page is made. */
export const template = (name: string) =>
  Effect.flatMap(StaticFiles, (files) =>
    Effect.map(files.get(name), (found) => decoder.decode(found?.body ?? new Uint8Array()))
  )
