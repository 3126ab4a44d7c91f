/**
 * Walks through every state of every page, on the programs as users start them, on screens of several sizes, and makes a picture of
 * each. Says what axe finds, what is cut off, and which page is wider than its window; then the exit status is 1.
 *
 *     npm run screenshots                          all of them, into `screenshots/`
 *     npm run screenshots -- --only 'running.*dark'
 *     npm run screenshots -- --docs                those of the README and of docs/, into `docs/images/`
 */
import { mkdtempSync, rmSync } from "node:fs"
import { mkdir, mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Page } from "playwright-core"
import type { Order } from "../../static/watch/Stage/Renderer.ts"
import type { ToWorker } from "../../static/watch/Stage/Stage.ts"
import { setup } from "../program.setup.ts"
import * as ServerProcess from "../Server/ServerProcess.ts"
import { findings } from "./Axe.ts"
import { launch, open } from "./Browser.ts"
import { cutOff } from "./CutOff.ts"
import { type Stage, type Stand, type Started, stages } from "./Stands.ts"

process.chdir(fileURLToPath(new URL("../../", import.meta.url)))

/** A page is opened in the first size. Then its window is resized, or the phone is turned. */
const devices = [
  {
    isPhone: false,
    sizes: [
      { width: 1280, height: 800 },
      { width: 1920, height: 1080 }
    ]
  },
  {
    isPhone: true,
    sizes: [
      { width: 390, height: 844 },
      { width: 844, height: 390 }
    ]
  }
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

/** What the worker of the page has drawn last. */
interface Drawing {
  drawn?: Order["options"]
}

/** Runs in the page before its scripts: notes what its worker has drawn. It draws one order after the other. */
const noteDrawings = () => {
  const orders: Array<Order> = []
  window.Worker = class extends Worker {
    constructor(url: string | URL) {
      super(url)
      this.addEventListener("message", ({ data }) => {
        const order = data._tag === "Drawn" ? orders.shift() : undefined
        if (order !== undefined) Object.assign(window, { drawn: order.options } satisfies Drawing)
      })
    }
    override postMessage(message: ToWorker, options: StructuredSerializeOptions | Array<Transferable> = []) {
      if (message._tag === "Draw") orders.push(message.order)
      super.postMessage(message, Array.isArray(options) ? { transfer: options } : options)
    }
  }
}

/** Waits until the worker has drawn the picture in the colours and the size that the page has now, and nothing fades any more. */
const untilDrawn = async (page: Page) => {
  await page.waitForFunction(() => {
    const canvas = document.querySelector("#canvas")
    if (canvas === null) return true
    const { drawn } = window as Drawing
    const outside = getComputedStyle(document.documentElement).getPropertyValue("--cells-outside")
    return drawn?.fade === 1 && drawn.backdrop.outside === outside && drawn.screen.width === canvas.clientWidth
  })
  // A busy browser shows the worker's picture later. Its corner is outside of the grid, and light on a light page.
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("#canvas")
    if (canvas === null) return true
    const corner = new OffscreenCanvas(1, 1).getContext("2d")!
    corner.drawImage(canvas, 0, 0)
    const { backgroundColor } = getComputedStyle(document.querySelector(".stage")!)
    const brightness = (colour: ArrayLike<number>) => colour[0]! + colour[1]! + colour[2]!
    const around = (backgroundColor.match(/\d+/g) ?? []).map(Number)
    return brightness(corner.getImageData(0, 0, 1, 1).data) > 382 === brightness(around) > 382
  })
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
    await Promise.allSettled(ending.map(({ finished }) => finished))
    await new Promise(requestAnimationFrame)
  })
}

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

type State = Stage["states"][number]
type Appearance = (typeof appearances)[number]

const wanted = (stage: Stage, state: State, size: string): ReadonlyArray<Appearance> =>
  appearances
    // Where nothing moves, less motion looks the same.
    .filter(({ name }) => name !== "still" || state === stage.states[0])
    .filter(({ name }) =>
      values.docs
        ? state.docs?.[`${size}-${name}`] !== undefined
        : only.test(`${stage.name}-${state.name}-${size}-${name}`)
    )

const nameOf = ({ height, width }: { readonly width: number; readonly height: number }) => `${width}x${height}`

/** Makes a picture of the page as it is now, and looks for faults. */
const inspect = async (page: Page, name: Appearance["name"], where: string, path: string) => {
  await page.screenshot({ path })
  console.error(path)
  if (values.docs) return
  // In forced colours the system chooses the colours, which axe does not know. The dark page has the elements of the light one.
  const faults = name === "light" ? await findings(page) : name === "dark" ? await findings(page, "color-contrast") : []
  for (const words of [...(await cutOff(page)), ...faults]) complain(where, words)
  if (name === "light" && (await page.evaluate(() => document.documentElement.scrollHeight > innerHeight + 1)))
    await page.screenshot({ path: path.replace(".png", "-whole.png"), fullPage: true })
}

type Device = (typeof devices)[number]

/** Visits a state on one page, in all sizes. */
const visit = async (stage: Stage, state: State, stand: Stand, { isPhone, sizes }: Device) => {
  const named = `${stage.name}-${state.name}`
  const visited = sizes.filter((size) => wanted(stage, state, nameOf(size)).length > 0)
  const [first] = visited
  if (first === undefined) return
  const { errors, page } = await open(
    browser,
    `${stand.address}${state.path ?? ""}`,
    { viewport: first, hasTouch: isPhone, isMobile: isPhone, bypassCSP: true },
    async (page) => {
      // tsx gives functions their names by this.
      await page.addInitScript("globalThis.__name = (f) => f")
      await page.addInitScript(noteDrawings)
    }
  )
  try {
    await state.reach(page, stand)
    for (const size of visited) {
      await page.setViewportSize(size)
      for (const { name, ...media } of wanted(stage, state, nameOf(size))) {
        await page.emulateMedia(media)
        await untilDrawn(page)
        const key = `${nameOf(size)}-${name}`
        const path = values.docs ? `docs/images/${state.docs?.[key]}.png` : `${values.into}/${named}-${key}.png`
        await inspect(page, name, `${named}-${key}`, path)
      }
    }
  } catch (error) {
    complain(named, String(error))
    await page.screenshot({ path: `${values.into}/${named}-${nameOf(first)}-failed.png` })
  }
  for (const words of errors) complain(named, words)
  await page.context().close()
}

/** Each device has programs of its own, because some states end them. */
const walk = async (device: Device) => {
  for (const stage of stages) {
    const isWanted = (state: State) => device.sizes.some((size) => wanted(stage, state, nameOf(size)).length > 0)
    if (!stage.states.some(isWanted)) continue
    const begun = await begin(await mkdtemp(join(folder, "stand-")))
    try {
      const stand = await stage.start(begun.started)
      for (const state of stage.states)
        if (state.isFullScreen === true)
          for (const size of device.sizes) await visit(stage, state, stand, { ...device, sizes: [size] })
        else await visit(stage, state, stand, device)
    } catch (error) {
      complain(stage.name, String(error))
    }
    await begun.end()
  }
}

// One waits for its programs while the other draws. The figures on the pictures of the documents are those of a quiet machine.
if (values.docs) for (const device of devices) await walk(device)
else await Promise.all(devices.map(walk))
await browser.close()
rmSync(folder, { recursive: true })
await finish()
process.exitCode = isRight ? 0 : 1
