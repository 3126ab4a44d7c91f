/**
 * Walks through every state of every page, on the programs as users start them, on screens of several sizes, and makes a picture of
 * each. Says what axe finds, what is cut off, and which page is wider than its window; then the exit status is 1.
 *
 *     npm run screenshots                          all of them, into `screenshots/`
 *     npm run screenshots -- --only 'running.*dark'
 *     npm run screenshots -- --docs                those of the README and of docs/, into `docs/images/`
 */
import { mkdtempSync, rmSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Page } from "playwright-core"
import { setup } from "../program.setup.ts"
import * as ServerProcess from "../Server/ServerProcess.ts"
import { findings } from "./Axe.ts"
import { launch, open } from "./Browser.ts"
import { cutOff } from "./CutOff.ts"
import { type Stand, type Started, stages } from "./Stands.ts"

process.chdir(fileURLToPath(new URL("../../", import.meta.url)))

const screens = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  { width: 390, height: 844 },
  { width: 844, height: 390 }
]

const appearances = [
  { name: "light", colorScheme: "light", forcedColors: "none", reducedMotion: "no-preference" },
  { name: "dark", colorScheme: "dark", forcedColors: "none", reducedMotion: "no-preference" },
  // As the system's high contrast has it.
  { name: "contrast", colorScheme: "dark", forcedColors: "active", reducedMotion: "no-preference" },
  { name: "still", colorScheme: "light", forcedColors: "none", reducedMotion: "reduce" }
] as const

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    into: { type: "string", default: "screenshots" },
    docs: { type: "boolean", default: false }
  }
})
const only = new RegExp(values.only)
await mkdir(values.into, { recursive: true })

/** Waits until the worker has drawn the picture in the colours of the appearance. */
const untilDrawn = (page: Page) =>
  page.evaluate(async () => {
    const end = performance.now() + 600
    while (performance.now() < end) await new Promise(requestAnimationFrame)
  })

const begin = async (folder: string) => {
  const scope = await Effect.runPromise(Scope.make())
  const run = (...args: ReadonlyArray<string>) => Effect.runPromise(ServerProcess.start(args).pipe(Scope.extend(scope)))
  const started: Started = {
    folder,
    run,
    serve: async (...args) => {
      const server = await run(...args, "--host", "127.0.0.1", "--port", "0")
      const [, address = ""] = await server.printed(/(http:\/\/127\.0\.0\.1:\d+\/)/)
      return { address, server }
    },
    onEnd: (end) => void Effect.runSync(Scope.addFinalizer(scope, Effect.sync(end)))
  }
  return { started, end: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

const finish = await setup()
const folder = mkdtempSync(join(tmpdir(), "c10k-screenshots-"))
const browser = await launch()
let isRight = true
const complain = (name: string, words: string) => {
  isRight = false
  console.error(`${name}: ${words}`)
}
for (const stage of stages) {
  let lasting: (Awaited<ReturnType<typeof begin>> & { readonly stand: Stand }) | undefined
  for (const viewport of screens) {
    const size = `${viewport.width}x${viewport.height}`
    const wanted = (state: (typeof stage.states)[number]) =>
      // Where nothing moves, less motion looks the same.
      appearances
        .filter(({ name }) => name !== "still" || state === stage.states[0])
        .filter(({ name }) =>
          values.docs
            ? state.docs?.[`${size}-${name}`] !== undefined
            : only.test(`${stage.name}-${state.name}-${size}-${name}`)
        )
    if (stage.states.every((state) => wanted(state).length === 0)) continue
    const begun = lasting ?? (await begin(folder))
    try {
      const stand = lasting?.stand ?? (await stage.start(begun.started))
      if (stage.isLasting === true) lasting = { ...begun, stand }
      const isPhone = Math.min(viewport.width, viewport.height) < 500
      for (const state of stage.states) {
        if (wanted(state).length === 0) continue
        const where = `${stage.name}-${state.name}-${size}`
        const { errors, page } = await open(
          browser,
          `${stand.address}${state.path ?? ""}`,
          { viewport, hasTouch: isPhone, isMobile: isPhone, bypassCSP: true },
          // tsx gives functions their names by this.
          (page) => page.addInitScript("globalThis.__name = (f) => f")
        )
        try {
          await state.reach(page, stand)
          for (const { name, ...media } of wanted(state)) {
            await page.emulateMedia(media)
            await untilDrawn(page)
            const path = values.docs
              ? `docs/images/${state.docs?.[`${size}-${name}`]}.png`
              : `${values.into}/${where}-${name}.png`
            await page.screenshot({ path })
            console.error(path)
            if (values.docs) continue
            // In forced colours the system chooses the colours, which axe does not know.
            const faults = name === "light" || name === "dark" ? await findings(page) : []
            for (const words of [...(await cutOff(page)), ...faults, ...errors]) complain(`${where}-${name}`, words)
            if (
              name === "light" &&
              (await page.evaluate(() => document.documentElement.scrollHeight > innerHeight + 1))
            )
              await page.screenshot({ path: path.replace(".png", "-whole.png"), fullPage: true })
          }
        } catch (error) {
          complain(where, String(error))
          await page.screenshot({ path: `${values.into}/${where}-failed.png` })
        }
        await page.context().close()
      }
    } catch (error) {
      complain(`${stage.name}-${size}`, String(error))
    }
    if (lasting === undefined) await begun.end()
  }
  await lasting?.end()
}
await browser.close()
rmSync(folder, { recursive: true })
await finish()
process.exitCode = isRight ? 0 : 1
