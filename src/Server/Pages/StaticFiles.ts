/**
 * The files of the pages. Only names that were listed at the start are served, so no path leads out of the folder. In
 * the build, the pages' scripts are bundled and everything is compressed; a server that runs from the source does both
 * at each request.
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
import * as ContentEncoding from "./ContentEncoding.ts"
import * as DevReload from "./DevReload.ts"
import * as PageBundle from "./PageBundle.ts"

export interface StaticFile {
  readonly body: Uint8Array
  readonly type: string
  /** A hash of the bytes: part of the entity tags, and of the urls by which a page of the build requests its files. */
  readonly hash: string
  readonly variants: ContentEncoding.Variants
}

export class StaticFiles extends Context.Tag("effect-c10k/Server/StaticFiles")<
  StaticFiles,
  {
    /** The file with this name, relative to the folder; `undefined` if there is none. */
    readonly get: (name: string) => Effect.Effect<StaticFile | undefined>
    /** Whether files stay the same while the server runs, as in the build. */
    readonly areKept: boolean
  }
>() {
  static readonly layer: Layer.Layer<StaticFiles, never, FileSystem.FileSystem> = Layer.effect(
    StaticFiles,
    Effect.suspend(() => make)
  )
}

const isSource = import.meta.url.endsWith(".ts")
/** Relative to `src/Server/Pages` in the source, and to `dist/Server/Pages` or `dist/Cli/chunks` in the build. */
const folder = fileURLToPath(new URL(isSource ? "../../../static" : "../../static", import.meta.url))

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png"
}

const extensionOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1)

export const hashOf = (body: Uint8Array): string => createHash("sha256").update(body).digest("base64url").slice(0, 22)

const isText = (type: string): boolean => !type.startsWith("image/") || type === types["svg"]

/** A page of the build requests its files by urls that change with their content, so that browsers may cache them. */
export const withHashes = (html: string, hashes: ReadonlyMap<string, string>): string =>
  html.replace(/(?<=(?:href|src)="\/static\/)[^"?]+(?=")/g, (name) => {
    const hash = hashes.get(name)
    return hash === undefined ? name : `${name}?v=${hash}`
  })

/** A text that was made for one request or a few, as a file. */
export const fileOf = (type: string, body: Uint8Array): Effect.Effect<StaticFile> =>
  Effect.map(
    Effect.promise(async () => (isText(type) ? await ContentEncoding.compress(body, false) : {})),
    (variants) => ({ body, type, hash: hashOf(body), variants })
  )

const make = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const reloads = yield* DevReload.enabled
  const listed = (yield* fs.readDirectory(folder, { recursive: true })).map((name) => name.replaceAll("\\", "/"))
  const names = new Set(
    listed
      .map((name) => (isSource && name.endsWith("/main.ts") ? `${name.slice(0, -3)}.js` : name))
      .filter((name) => extensionOf(name) in types)
  )
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()

  const read = (name: string): Effect.Effect<Uint8Array, PlatformError | PageBundle.PageBundleError> => {
    if (isSource && /\/main\.(js|css)$/.test(name))
      return Effect.map(PageBundle.bundle(`${folder}/${name.replace(/js$/, "ts")}`), (text) => encoder.encode(text))
    const bytes = fs.readFile(`${folder}/${name}`)
    if (!reloads || extensionOf(name) !== "html") return bytes
    return Effect.map(bytes, (html) => encoder.encode(DevReload.inject(decoder.decode(html))))
  }

  const present = new Set(listed)
  const readVariants = Effect.fnUntraced(function* (name: string) {
    const variants: { [E in ContentEncoding.Encoding]?: Uint8Array } = {}
    for (const encoding of ContentEncoding.encodings) {
      const compressed = `${name}${ContentEncoding.suffixes[encoding]}`
      if (present.has(compressed)) variants[encoding] = yield* fs.readFile(`${folder}/${compressed}`)
    }
    return variants
  })
  /** A file with its variants that the build compressed. A page that is changed for development is compressed here. */
  const load = Effect.fnUntraced(function* (name: string) {
    const body = yield* read(name)
    const type = types[extensionOf(name)]!
    if (isSource || (reloads && extensionOf(name) === "html")) return yield* fileOf(type, body)
    return { body, type, hash: hashOf(body), variants: yield* readVariants(name) }
  })
  const kept = new Map<string, StaticFile>()
  /** Keeps the file that was read first, because two requests may read a file at the same time. */
  const keep = (name: string, file: StaticFile): StaticFile => {
    const first = kept.get(name) ?? file
    if (!isSource) kept.set(name, first)
    return first
  }
  const get = (name: string): Effect.Effect<StaticFile | undefined> =>
    Effect.suspend(() => {
      const known = kept.get(name)
      if (known !== undefined || !names.has(name)) return Effect.succeed(known)
      return Effect.orDie(Effect.map(load(name), (file) => keep(name, file)))
    })
  return StaticFiles.of({ get, areKept: !isSource })
}).pipe(Effect.orDie)

/** The entity tag of a file in an encoding. Each encoding has its own. */
const tagOf = (file: StaticFile, encoding: ContentEncoding.Encoding | undefined): string =>
  `"${file.hash}${encoding === undefined ? "" : `-${encoding}`}"`

/** The headers of a file in an encoding, except its type and length. `version` is the hash in the url. */
export const headersOf = (
  file: StaticFile,
  encoding: ContentEncoding.Encoding | undefined,
  version?: string
): Readonly<Record<string, string>> => ({
  etag: tagOf(file, encoding),
  // Browsers keep for a year what is named by its hash, and ask each time whether anything else has changed.
  "cache-control": version === file.hash ? "public, max-age=31536000, immutable" : "no-cache",
  vary: "accept-encoding",
  ...(encoding === undefined ? {} : { "content-encoding": encoding })
})

/** Answers with the file in the best encoding, or with 304 if the browser has it. */
export const respond = (file: StaticFile, version?: string) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const encoding = ContentEncoding.choose(file.variants, headers["accept-encoding"])
    const { "content-encoding": _, ...common } = headersOf(file, encoding, version)
    const known = headers["if-none-match"]
      ?.split(",")
      .some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === tagOf(file, encoding))
    if (known === true) return HttpServerResponse.empty({ status: 304, headers: common })
    const body = (encoding && file.variants[encoding]) ?? file.body
    return HttpServerResponse.uint8Array(body, { contentType: file.type, headers: headersOf(file, encoding, version) })
  })
