/**
 * Makes pictures of the watch page in each of its states, on screens of several sizes, light and dark, for visual checks:
 *
 *     npm run screenshots                          all of them, into `screenshots/`
 *     npm run screenshots -- --only 'running.*dark'
 *     npm run screenshots -- --docs                those of the README and of docs/, into `docs/images/`
 *
 * The server and the games are those of the tests, so that every run shows the same.
 */
import { mkdir } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Page } from "playwright-core"
import { launch, open } from "./Browser.ts"
import { act, untilText } from "./Steps.ts"
import { scattered, TestGame } from "./TestGame.ts"
import { TestServer } from "./TestServer.ts"

process.chdir(fileURLToPath(new URL("../../", import.meta.url)))

const screens = [
  { width: 360, height: 640 },
  { width: 390, height: 844 },
  { width: 844, height: 390 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 }
]

interface State {
  readonly name: string
  /** Prepares the state of the server before the page is opened. */
  readonly serve: (server: TestServer) => TestGame | undefined
  /** Brings the page to its state. */
  readonly reach: (page: Page, server: TestServer, game: TestGame | undefined) => Promise<unknown>
}

const running = ({ state }: TestServer, width = 64, height = 40): TestGame => {
  const game = TestGame.running(state, width, height, scattered, `B3/S23:T${width},${height}`)
  for (let step = 0; step < 60; step++) game.advance()
  state.latency = 0.8
  return game
}

const owned = (server: TestServer, game: "running" | "paused" | "ended" | "none") => {
  server.list = { ...server.list, hasControl: true }
  server.control = { type: "state", game, speed: 10 }
}

/** Plays long enough for the graphs to have data. */
const play = async (page: Page, game: TestGame | undefined) => {
  const timer = setInterval(() => game?.advance(), 60)
  await page.waitForFunction(() =>
    /last [3-9]\.\d s/.test(document.querySelector("#population-graph")?.getAttribute("aria-label") ?? "")
  )
  clearInterval(timer)
  await untilText(page, "#generation", String(game?.step).replace(/(?=\d{3}$)/, ""))
}

/** Waits until the picture does not change any more, because a worker draws it asynchronously. */
const untilStill = (page: Page) =>
  page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>("#canvas")!
    const end = performance.now() + 5_000
    let before = ""
    for (let same = 0; same < 5 && performance.now() < end; ) {
      await new Promise(requestAnimationFrame)
      const now = canvas.toDataURL()
      same = now === before ? same + 1 : 0
      before = now
    }
  })

const openStart = (page: Page) => page.locator('header [data-action="start"]').click()

const states: ReadonlyArray<State> = [
  { name: "idle", serve: () => undefined, reach: (page) => untilText(page, "#phase", "No game yet") },
  {
    name: "idle-owned",
    serve: (server) => {
      owned(server, "none")
      return undefined
    },
    reach: (page) => page.locator("#run").waitFor()
  },
  {
    name: "connecting",
    serve: ({ state }) => {
      state.reset(64, 40, "B3/S23:T64,40")
      state.setCounts(900, 0)
      return undefined
    },
    reach: (page) => untilText(page, "#overlay-text", /^900 of/)
  },
  { name: "running", serve: running, reach: (page, _, game) => play(page, game) },
  {
    name: "paused",
    serve: (server) => {
      owned(server, "paused")
      return running(server)
    },
    reach: (page) => untilText(page, "#phase", "Paused")
  },
  {
    name: "past",
    serve: running,
    reach: async (page, _, game) => {
      await play(page, game)
      await act(page, "back")
      await untilText(page, "#seen", /^Paused at/)
    }
  },
  {
    name: "inspecting",
    serve: running,
    reach: async (page) => {
      await untilText(page, "#phase", "Running")
      await page.locator("#grid").focus()
      await page.keyboard.press("Shift+ArrowUp")
      await untilText(page, "#inspector", /^row/)
    }
  },
  {
    name: "ended",
    serve: (server) => {
      const game = running(server)
      server.state.setPhase("ended")
      server.state.setCounts(0, 0)
      return game
    },
    reach: (page) => untilText(page, "#phase", "Finished")
  },
  {
    name: "lost",
    serve: running,
    reach: async (page, server) => {
      await untilText(page, "#phase", "Running")
      await server.stop()
      await untilText(page, "#phase", "Disconnected")
    }
  },
  {
    name: "view-menu",
    serve: running,
    reach: async (page) => {
      await untilText(page, "#phase", "Running")
      await page.locator('[popovertarget="view-menu"]').click()
    }
  },
  {
    name: "save-menu",
    serve: running,
    reach: async (page) => {
      await untilText(page, "#phase", "Running")
      await page.locator('[popovertarget="save-menu"]').click()
    }
  },
  {
    name: "time",
    serve: running,
    reach: async (page, _, game) => {
      await act(page, "time")
      await play(page, game)
      await page.locator("#timeline-range").press("PageDown")
      await untilText(page, "#seen", /^Paused at/)
    }
  },
  {
    name: "big",
    serve: running,
    reach: async (page, _, game) => {
      await play(page, game)
      await page.locator("#grid").focus()
      await page.keyboard.press("o")
      await page.locator("#leave-big").waitFor()
    }
  },
  {
    name: "embed",
    serve: running,
    reach: async (page, server) => {
      await page.goto(`${server.url}embed`)
      await untilText(page, "#phase", "Running")
    }
  },
  { name: "start", serve: running, reach: openStart },
  {
    name: "start-wrong",
    serve: (server) => {
      owned(server, "running")
      return running(server)
    },
    reach: async (page) => {
      await page.locator("#run").waitFor({ state: "attached" })
      await openStart(page)
      await page.locator("#rule").fill("B3/S29")
      await untilText(page, "#rule-problem", /^Not a rule/)
    }
  },
  {
    name: "drawing",
    serve: running,
    reach: async (page) => {
      await untilText(page, "#phase", "Running")
      await openStart(page)
      await page.getByLabel("Drawn or loaded").check()
      await page.getByRole("button", { name: "Draw on the grid" }).click()
      await page.locator("#drawing-random").click()
    }
  },
  {
    name: "help",
    serve: running,
    reach: (page) => page.locator('header [data-action="help"]').click()
  }
]

const appearances = [
  { name: "light", colorScheme: "light", forcedColors: "none" },
  { name: "dark", colorScheme: "dark", forcedColors: "none" },
  // As the system's high contrast has it.
  { name: "contrast", colorScheme: "dark", forcedColors: "active" }
] as const

/** The pictures of the README and of docs/, and their names there. */
const forDocs: Readonly<Record<string, string>> = {
  "running-1280x800-light": "watch",
  "running-1280x800-dark": "watch-dark",
  "running-390x844-light": "watch-phone",
  "running-390x844-dark": "watch-phone-dark",
  "connecting-1280x800-light": "arriving"
}

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    into: { type: "string", default: "screenshots" },
    docs: { type: "boolean", default: false }
  }
})
const only = new RegExp(values.only)
if (!values.docs) await mkdir(values.into, { recursive: true })
const browser = await launch()
for (const state of states)
  for (const viewport of screens)
    for (const colours of appearances) {
      const { colorScheme, name: appearance } = colours
      const name = `${state.name}-${viewport.width}x${viewport.height}-${appearance}`
      if (values.docs ? forDocs[name] === undefined : !only.test(name)) continue
      const server = new TestServer()
      await server.start()
      const game = state.serve(server)
      const isPhone = Math.min(viewport.width, viewport.height) < 500
      const { page } = await open(browser, server.url, {
        viewport,
        colorScheme,
        forcedColors: colours.forcedColors,
        hasTouch: isPhone,
        isMobile: isPhone
      })
      await state.reach(page, server, game)
      await untilStill(page)
      await page.screenshot({ path: values.docs ? `docs/images/${forDocs[name]}.png` : `${values.into}/${name}.png` })
      console.error(name)
      await page.context().close()
      await server.stop()
    }
await browser.close()
