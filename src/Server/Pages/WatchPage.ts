/**
 * The watch page as it is served. Its title has the size of the present grid, its heading says how many clients there are and whether
 * they run, before any script has, and it names a picture for previews of links to it (https://ogp.me). It is made once for each of
 * these and each origin.
 */
import * as Effect from "effect/Effect"
import * as Count from "../../Text/Count.ts"
import * as GamePicture from "./GamePicture.ts"
import { fileOf, type StaticFile, StaticFiles } from "./StaticFiles.ts"

const preview = (title: string, address: string): string =>
  [
    ["og:type", "website"],
    ["og:title", title],
    ["og:description", "Every cell is a WebSocket client. Watch it live."],
    ["og:url", address],
    // Social networks accept only absolute urls.
    ["og:image", `${address}picture.png`],
    ["og:image:type", "image/png"],
    ["og:image:width", GamePicture.fullSize.width],
    ["og:image:height", GamePicture.fullSize.height],
    ["og:image:alt", `${title}, as its cells are now`]
  ]
    .map(([property, content]) => `<meta property="${property}" content="${content}">`)
    .concat('<meta name="twitter:card" content="summary_large_image">')
    .join("\n  ")

/** They connect and subscribe, or they run. */
export type Clients = "coming" | "running"

/** The heading and the state of the game, in the words of the page's script. */
const wordsOf: Readonly<Record<Clients, (cells: number) => readonly [heading: string, phase: string]>> = {
  coming: (cells) => [
    `${Count.format(cells)} WebSocket ${cells === 1 ? "client" : "clients"} connecting`,
    "Connecting"
  ],
  running: (cells) => [`${Count.format(cells)} WebSocket ${cells === 1 ? "client" : "clients"} in lockstep`, "Running"]
}

const saying = (html: string, { clients, height, offers = [], width }: PageOf): string => {
  if (clients === undefined || offers.includes("replay")) return html
  const [heading, phase] = wordsOf[clients](width * height)
  return html
    .replace(/(<h1 id="headline">)[^<]*/, (_, tag: string) => `${tag}${heading}`)
    .replace(/(<p id="phase"[^>]*>)[^<]*/, (_, tag: string) => `${tag}${phase}`)
}

export interface PageOf {
  readonly width: number
  readonly height: number
  /** What the clients of the grid do; `undefined` if there are none, or none any more. */
  readonly clients?: Clients | undefined
  /** The url of the page, if it is known: `http://host/`. */
  readonly address?: string | undefined
  readonly name?: string | undefined
  /** How many games the server has, which takes no other one, so that this game can't be started; `undefined` if it can. */
  readonly fullAt?: number | undefined
  /** What the server offers to the page: the control of the run, the control of the recording that it plays, and the recording of the game. */
  readonly offers?: ReadonlyArray<"control" | "replay" | "history">
}

/** `html` with what the server offers, and, if there is a grid, with its size in the title, its clients in the heading, and a preview. */
export const renderWatchPage = (html: string, page: PageOf): string => {
  const { address, fullAt, height, name, offers = [], width } = page
  const full = fullAt === undefined ? "" : ` data-full-at="${fullAt}"`
  // Comments and indentation are for those who read the source.
  const lean = html.replaceAll(/<!--.*?-->|(?<=\n)\s+/gs, "")
  const offering = lean.replace(
    '<body class="watch">',
    () => `<body class="watch" data-offers="${offers.join(" ")}"${full}>`
  )
  if (width === 0) return offering
  const title = `${name === undefined ? "" : `${name}: `}Game of Life ${width}x${height}`
  const more = address === undefined ? "" : `\n${preview(title, address)}`
  return saying(offering, page).replace(/<title>[^<]*<\/title>/, () => `<title>${title}</title>${more}`)
}

/** The pages of a grid, by their origin. */
interface Made {
  readonly template: StaticFile
  readonly grid: Shown
  readonly pages: Map<string | undefined, StaticFile>
}

/** The most pages of different origins: one server has several names and addresses. Others get the page without a preview. */
const KEPT = 8

export interface WatchPage {
  /** The page for the present grid, for a request at this origin; `undefined` if the page does not exist. */
  readonly get: (origin: string | undefined) => Effect.Effect<StaticFile | undefined>
  /** As `get`, but only if the page was made before and can't have changed since. */
  readonly unsafeKept: (origin: string | undefined) => StaticFile | undefined
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

type Shown = Pick<PageOf, "width" | "height" | "clients">

/** `grid` returns the size of the present grid and what its clients do. */
export const make = Effect.fnUntraced(function* (grid: () => Shown, offers: PageOf["offers"] & {}) {
  const files = yield* StaticFiles
  let made: Made | undefined

  const fits = ({ grid: { clients, height, width }, template }: Made, of: StaticFile): boolean => {
    const now = grid()
    return template === of && width === now.width && height === now.height && clients === now.clients
  }

  const madeNow = (origin: string | undefined, template: StaticFile): StaticFile | undefined =>
    made !== undefined && fits(made, template) ? made.pages.get(origin) : undefined

  const makeFor = Effect.fnUntraced(function* (asked: string | undefined, template: StaticFile) {
    if (made === undefined || !fits(made, template)) made = { template, grid: grid(), pages: new Map() }
    const { grid: now, pages } = made
    // A client may name any address as its host, and a page for each would be compressed for each.
    const isFull = pages.size - (pages.has(undefined) ? 1 : 0) >= KEPT
    const origin = isFull && !pages.has(asked) ? undefined : asked
    const known = pages.get(origin)
    if (known !== undefined) return known
    const address = origin === undefined ? undefined : `${origin}/`
    const html = renderWatchPage(decoder.decode(template.body), { ...now, address, offers })
    const file = yield* fileOf(template.type, encoder.encode(html))
    pages.set(origin, file)
    return file
  })

  /** One page is made at a time, so that many requests at once make no more pages than are kept. */
  const oneAtATime = yield* Effect.makeSemaphore(1)

  const get: WatchPage["get"] = Effect.fnUntraced(function* (origin: string | undefined) {
    const template = yield* files.get("watch/index.html")
    if (template === undefined) return undefined
    return madeNow(origin, template) ?? (yield* oneAtATime.withPermits(1)(makeFor(origin, template)))
  })

  return {
    get,
    unsafeKept: (origin) => (made !== undefined && files.areKept ? madeNow(origin, made.template) : undefined)
  } satisfies WatchPage
})
