/** A server and a browser for the tests of one file. Each test has its own page. */
import { afterEach, assert, beforeEach } from "@effect/vitest"
import type { BrowserContextOptions, Page } from "playwright-core"
import { emptyFrame } from "../../static/watch/Model/Model.ts"
import { type Scheme, themeNamed } from "../../static/watch/Stage/Themes.ts"
import { launch, open } from "./Browser.ts"

export { eventually } from "../eventually.ts"
export { act, choose, notingTexts, openPanel, untilText } from "./Steps.ts"

import { stateLimit } from "../limits.ts"
import { need } from "../need.ts"
import { TestServer } from "./TestServer.ts"

export interface Harness {
  readonly server: TestServer
  /** Opens a page of the server. An uncaught error of the page fails the test at its end. */
  readonly visitUrl: (url: string, options?: BrowserContextOptions) => Promise<Page>
  readonly visit: (path?: string, options?: BrowserContextOptions) => Promise<Page>
}

/** The colours by which tests recognise cells: those of the original page. */
const byHue = { theme: "hue" }

/** The colour of a cell in the theme of these tests, `[red, green, blue]`: at a step, alive (1) or dead (0). */
export const hueOf = (step: number, state: 0 | 1, scheme: Scheme = "light"): readonly [number, number, number] => {
  const frame = emptyFrame(1, 1)
  frame.steps[0] = step
  frame.states[0] = state
  const pixels = new Uint32Array(1)
  themeNamed("hue").paint(frame, scheme, pixels)
  const [colour = 0] = pixels
  return [colour & 255, (colour >>> 8) & 255, (colour >>> 16) & 255]
}

/** `preferences` are those of the viewer before the first visit. */
export const harness = (preferences: Record<string, unknown> = byHue): Harness => {
  let server: TestServer
  let opened: Array<Awaited<ReturnType<typeof open>>> = []
  beforeEach(async () => {
    need("chromium-headless-shell")
    server = new TestServer()
    await server.start()
  })
  afterEach(async () => {
    const errors = opened.flatMap((one) => one.errors)
    await Promise.all(opened.map(({ page }) => page.context().close()))
    opened = []
    await server.stop()
    assert.deepStrictEqual(errors, [])
    assert.deepStrictEqual([...server.impossible], [], "no real server is in such a state")
  })
  const visitUrl = async (url: string, options: BrowserContextOptions = {}) => {
    const one = await open(await launch(), url, options, (page) =>
      page.addInitScript((kept) => {
        // An error page of the browser has no storage.
        if (!location.protocol.startsWith("http")) return
        if (localStorage.getItem("effect-c10k.watch") === null) localStorage.setItem("effect-c10k.watch", kept)
      }, JSON.stringify(preferences))
    )
    opened.push(one)
    return one.page
  }
  return {
    get server() {
      return server
    },
    visitUrl,
    visit: (path = "", options = {}) => visitUrl(`${server.url}${path}`, options)
  }
}

/** The colour at the centre of a cell on the screen, `[red, green, blue]`. The whole grid must be visible. */
export const colourOf = (
  page: Page,
  grid: { readonly width: number; readonly height: number },
  row: number,
  column: number
) =>
  page.evaluate(
    ({ column, height, row, width }) => {
      const canvas = document.querySelector<HTMLCanvasElement>("#canvas")!
      const fitting = Math.min((canvas.clientWidth - 32) / width, (canvas.clientHeight - 32) / height)
      const scale = fitting > 1 ? Math.min(80, Math.floor(fitting)) : fitting
      const x = (canvas.clientWidth / 2 + (column + 0.5 - width / 2) * scale) * devicePixelRatio
      const y = (canvas.clientHeight / 2 + (row + 0.5 - height / 2) * scale) * devicePixelRatio
      // A worker draws on the canvas, so the page has no context for it and reads a copy.
      const copy = new OffscreenCanvas(1, 1).getContext("2d")!
      copy.drawImage(canvas, Math.floor(x), Math.floor(y), 1, 1, 0, 0, 1, 1)
      return [...copy.getImageData(0, 0, 1, 1).data.subarray(0, 3)]
    },
    { ...grid, row, column }
  )

/** Waits until a cell has a colour. */
export const untilColour = async (
  page: Page,
  grid: { readonly width: number; readonly height: number },
  row: number,
  column: number,
  expected: ReadonlyArray<number>
): Promise<void> => {
  const begun = performance.now()
  for (;;) {
    const seen = await colourOf(page, grid, row, column)
    if (seen.join() === expected.join()) return
    if (performance.now() - begun > stateLimit()) assert.deepStrictEqual(seen, [...expected], `cell ${row}, ${column}`)
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
}
