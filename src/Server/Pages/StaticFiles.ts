/**
 * The files of the pages. Only names that were listed at the start are served, so no path leads out of the folder.
 * The build has the pages' scripts bundled; from the source they are bundled when asked for.
 */

import { createHash } from "node:crypto"
import { fileURLToPath } from "node:url"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DevReload from "./DevReload.ts"
import * as PageBundle from "./PageBundle.ts"

export interface StaticFile {
  readonly body: Uint8Array
  readonly type: string
  readonly etag: string
}

export class StaticFiles extends Context.Tag("effect-c10k/Server/StaticFiles")<
  StaticFiles,
  {
    /** The file of this name, relative to the folder; `undefined` if there is none. */
    readonly get: (name: string) => Effect.Effect<StaticFile | undefined>
  }
>() {
  static readonly layer: Layer.Layer<StaticFiles, never, FileSystem.FileSystem> = Layer.effect(
    StaticFiles,
    Effect.suspend(() => make)
  )
}

const isSource = import.meta.url.endsWith(".ts")
/** Seen from `src/Server/Pages` in the source, and from `dist/Server/Pages` or `dist/Cli/chunks` in the build. */
const folder = fileURLToPath(new URL(isSource ? "../../../static" : "../../static", import.meta.url))

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png"
}

const extensionOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1)

const fileOf = (name: string, body: Uint8Array): StaticFile => ({
  body,
  type: types[extensionOf(name)] ?? "application/octet-stream",
  etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`
})

const make = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const reloads = yield* DevReload.enabled
  const names = new Set(
    (yield* fs.readDirectory(folder, { recursive: true }))
      .map((name) => name.replaceAll("\\", "/"))
      .map((name) => (isSource && name.endsWith("/main.ts") ? `${name.slice(0, -3)}.js` : name))
      .filter((name) => extensionOf(name) in types)
  )
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()

  const read = (name: string): Effect.Effect<Uint8Array, PlatformError | PageBundle.PageBundleError> => {
    if (isSource && name.endsWith("/main.js"))
      return Effect.map(PageBundle.bundle(`${folder}/${name.slice(0, -3)}.ts`), (text) => encoder.encode(text))
    const bytes = fs.readFile(`${folder}/${name}`)
    if (!reloads || extensionOf(name) !== "html") return bytes
    return Effect.map(bytes, (html) => encoder.encode(DevReload.inject(decoder.decode(html))))
  }
  const load = (name: string) => Effect.map(read(name), (body) => fileOf(name, body))

  if (isSource)
    return StaticFiles.of({ get: (name) => (names.has(name) ? Effect.orDie(load(name)) : Effect.succeed(undefined)) })

  const files = new Map(yield* Effect.forEach(names, (name) => Effect.map(load(name), (file) => [name, file] as const)))
  return StaticFiles.of({ get: (name) => Effect.succeed(files.get(name)) })
}).pipe(Effect.orDie)

/** Answers with the file, or with 304 if the browser has it. */
export const respond = (file: StaticFile) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const known = headers["if-none-match"]?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === file.etag)
    const common = { etag: file.etag, "cache-control": "no-cache" }
    return known === true
      ? HttpServerResponse.empty({ status: 304, headers: common })
      : HttpServerResponse.uint8Array(file.body, { contentType: file.type, headers: common })
  })
