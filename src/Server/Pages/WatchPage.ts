/** The watch page as it is served: its title carries the size of the present grid. It is made once for each size. */
import * as Effect from "effect/Effect"
import { fileOf, type StaticFile, StaticFiles } from "./StaticFiles.ts"

/** `html` with its title replaced, unless there is no game yet. */
export const renderWatchPage = (html: string, width: number, height: number): string =>
  width === 0 ? html : html.replace(/<title>[^<]*<\/title>/, `<title>Game of Life ${width}x${height}</title>`)

/** A page, and the files that it was made from. */
interface Made {
  readonly template: StaticFile
  readonly width: number
  readonly height: number
  readonly file: StaticFile
}

export interface WatchPage {
  /** The page for the present grid; `undefined` if there is no such page at all. */
  readonly get: Effect.Effect<StaticFile | undefined>
  /** The same, where it was made before and can't have changed since. */
  readonly unsafeKept: () => StaticFile | undefined
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** `grid` gives the size of the present grid. */
export const make = Effect.fnUntraced(function* (grid: () => { readonly width: number; readonly height: number }) {
  const files = yield* StaticFiles
  let made: Made | undefined

  const fits = ({ height, template, width }: Made, of: StaticFile): boolean => {
    const now = grid()
    return template === of && width === now.width && height === now.height
  }

  const get = Effect.gen(function* () {
    const template = yield* files.get("watch/index.html")
    const { height, width } = grid()
    if (template === undefined || width === 0) return template
    if (made !== undefined && fits(made, template)) return made.file
    const file = yield* fileOf(
      template.type,
      encoder.encode(renderWatchPage(decoder.decode(template.body), width, height))
    )
    made = { template, width, height, file }
    return file
  })

  const page: WatchPage = {
    get,
    unsafeKept: () => (made !== undefined && files.areKept && fits(made, made.template) ? made.file : undefined)
  }
  return page
})
