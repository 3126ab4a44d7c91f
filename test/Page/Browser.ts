/**
 * Chromium for the tests of pages: its headless shell, which has the engine but no windows. A page takes a fifth of the CPU time of
 * a browser with windows: 0.12 s instead of 0.65 s. The environment variable `CHROMIUM` chooses another executable.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { chromium as engine } from "playwright-core"
import { stateLimit, testLimit } from "../limits.ts"
import { need } from "../need.ts"

let launched: Promise<Browser> | undefined

/**
 * The browser of this process, which all its tests share: a start of Chromium takes as much CPU time as three pages. It ends when this
 * process has ended, with the pipe between them. Another one is started if it has crashed.
 */
export const launch = async (): Promise<Browser> => {
  need("chromium-headless-shell")
  if ((await launched)?.isConnected() !== true)
    launched = engine.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium-headless-shell",
      args: ["--no-sandbox", "--disable-background-networking"],
      timeout: testLimit(),
      // A signal must end this process as usual.
      ...{ handleSIGHUP: false, handleSIGINT: false, handleSIGTERM: false }
    })
  try {
    return await launched!
  } catch (error) {
    launched = undefined
    throw error
  }
}

/** Closes all pages, so that the next test begins without any. */
export const closePages = async (): Promise<void> => {
  const contexts = (await launched)?.contexts() ?? []
  await Promise.all(contexts.map((context) => context.close()))
}

/** The browser, whose pages are closed when the scope ends. */
export const chromium: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(Effect.promise(launch), () =>
  Effect.promise(closePages)
)

export interface Opened {
  readonly page: Page
  /** Uncaught errors and errors on the console, except the browser's messages about failed connections. */
  readonly errors: Array<string>
}

export const open = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  /** Prepares the page before it is opened. */
  prepare: (page: Page) => Promise<unknown> = async () => {}
): Promise<Opened> => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await prepare(page)
  // Whatever takes longer than this counts as missing.
  page.setDefaultTimeout(stateLimit())
  const errors: Array<string> = []
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message))
  page.on("console", (message) => {
    if (message.type() === "error" && !/WebSocket connection|net::ERR_/.test(message.text()))
      errors.push(message.text())
  })
  await page.goto(url)
  return { page, errors }
}
