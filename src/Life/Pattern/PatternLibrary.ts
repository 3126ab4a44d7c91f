/** Reads patterns from the library in `patterns/`, from files and from standard input. */
import { createReadStream } from "node:fs"
import { type PlatformError, SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Suggestion from "../../Text/Suggestion.ts"
import * as Printable from "../Universe/Printable.ts"
import { limits } from "./CellRuns.ts"
import type { Pattern } from "./Pattern.ts"
import type { PatternError } from "./PatternError.ts"
import * as PatternInfo from "./PatternInfo.ts"
import * as PatternText from "./PatternText.ts"

/** The pattern does not exist or its file cannot be read. `source` is the name or file that the user gave. */
export class PatternUnavailable extends Schema.TaggedError<PatternUnavailable>()("PatternUnavailable", {
  source: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `Pattern ${Printable.quote(this.source)}: ${this.reason}`
  }
}

interface LibraryEntry {
  readonly info: PatternInfo.PatternInfo
  readonly pattern: Pattern
}

export class PatternLibrary extends Context.Tag("effect-c10k/Life/PatternLibrary")<
  PatternLibrary,
  {
    /** All patterns of the library, sorted by name. Reads each file once. */
    readonly list: Effect.Effect<ReadonlyArray<LibraryEntry>, PatternUnavailable | PatternError>
    readonly names: Effect.Effect<ReadonlyArray<string>, PatternUnavailable>
    /** The pattern of the library with this name; the extension of its file does not matter. */
    readonly get: (name: string) => Effect.Effect<Pattern, PatternUnavailable | PatternError>
    /**
     * The pattern that a command line names. `-` is standard input, and a text with a slash is a file. Any other text is a
     * name in the library or, if the library does not have it, a file in the current folder.
     */
    readonly load: (source: string) => Effect.Effect<Pattern, PatternUnavailable | PatternError>
  }
>() {
  /** The library in the package, and the process's standard input. */
  static readonly layer: Layer.Layer<PatternLibrary, never, FileSystem.FileSystem | Path.Path> = Layer.suspend(() =>
    PatternLibrary.layerOf(new URL("../../../patterns", import.meta.url), NodeStream.stdin)
  )

  /** A library in another folder, and another standard input. */
  static readonly layerOf = (
    folder: URL,
    stdin: Stream.Stream<Uint8Array, PlatformError>
  ): Layer.Layer<PatternLibrary, never, FileSystem.FileSystem | Path.Path> =>
    Layer.effect(PatternLibrary, make(folder, stdin))
}

const failure =
  (file: string) =>
  (cause: unknown): PlatformError =>
    new SystemError({ reason: "Unknown", module: "Stream", method: "read", pathOrDescriptor: file, cause })

const make = Effect.fnUntraced(function* (folder: URL, stdin: Stream.Stream<Uint8Array, PlatformError>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = yield* Effect.orDie(path.fromFileUrl(folder))

  const unavailable = (source: string) => (error: PlatformError) =>
    new PatternUnavailable({
      source,
      reason:
        error._tag === "SystemError" && error.reason === "NotFound"
          ? "there is no such file"
          : error._tag === "SystemError" && error.reason === "PermissionDenied"
            ? "you have no permission to read this file"
            : `it cannot be read (${error.description ?? error.message})`
    })

  /** Stops reading when the text is longer than a pattern may be, so an endless stream is no problem. */
  const readStream = (source: string, stream: Stream.Stream<Uint8Array, PlatformError>) =>
    stream.pipe(
      Stream.decodeText(),
      Stream.mapError(unavailable(source)),
      Stream.runFoldEffect({ length: 0, parts: [] as Array<string> }, (text, part) => {
        text.length += part.length
        text.parts.push(part)
        if (text.length <= limits.characters) return Effect.succeed(text)
        return new PatternUnavailable({ source, reason: `it is longer than ${limits.characters} characters` })
      }),
      Effect.flatMap(({ parts }) => PatternText.read(parts.join(""), source))
    )

  const readFile = (file: string) =>
    Effect.flatMap(Effect.mapError(fs.stat(file), unavailable(file)), ({ type }) => {
      if (type === "File") return readStream(file, fs.stream(file))
      if (type === "Directory") return new PatternUnavailable({ source: file, reason: "it is a folder" })
      // The file system's stream seeks, which a pipe such as <(command) cannot.
      return readStream(
        file,
        NodeStream.fromReadable(() => createReadStream(file), failure(file))
      )
    })

  /** The file of each pattern of the library, by the pattern's name. */
  const files = fs.readDirectory(directory).pipe(
    Effect.mapError(unavailable(directory)),
    Effect.map(
      (names) =>
        new Map(
          names
            .filter((name) => !name.startsWith("."))
            .sort()
            .map((name) => [name.replace(PatternText.extension, ""), path.join(directory, name)] as const)
        )
    )
  )

  const unknown = (name: string, names: Iterable<string>) => {
    const meant = Suggestion.nearest(name, [...names])
    const hint = meant === undefined ? "" : ` did you mean ${meant}?`
    return new PatternUnavailable({
      source: name,
      reason: `there is no such file, and no such pattern in the library;${hint} "life patterns" lists them`
    })
  }

  const find = (name: string, files: ReadonlyMap<string, string>): string | undefined =>
    files.get(name.replace(PatternText.extension, "").toLowerCase())

  const list = Effect.flatMap(
    files,
    Effect.forEach(([name, file]) =>
      Effect.map(readFile(file), (pattern) => ({ info: PatternInfo.make(name, pattern), pattern }))
    )
  )

  const get = Effect.fn("PatternLibrary.get")(function* (name: string) {
    const known = yield* files
    const file = find(name, known)
    return yield* file === undefined ? unknown(name, known.keys()) : readFile(file)
  })

  const load = Effect.fn("PatternLibrary.load")(function* (source: string) {
    if (source === "-") return yield* readStream("standard input", stdin)
    if (/[/\\]/.test(source)) return yield* readFile(source)
    const known = yield* files
    const file = find(source, known)
    if (file !== undefined) return yield* readFile(file)
    const exists = yield* Effect.orElseSucceed(fs.exists(source), () => false)
    return yield* exists ? readFile(source) : unknown(source, known.keys())
  })

  return PatternLibrary.of({ list, names: Effect.map(files, (files) => [...files.keys()]), get, load })
})
