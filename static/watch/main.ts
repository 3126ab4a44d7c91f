/** The watch page. Connects its parts: messages go from the connection through the model to the display. */
import type { ControlRequest } from "../../src/Protocol/Control.ts"
import { intervals } from "../../src/Protocol/WatchRequest.ts"
import { element, setText } from "../Element.ts"
import { Announcer } from "./Instruments/Announcer.ts"
import { Instruments } from "./Instruments/Instruments.ts"
import { ClientLog } from "./Model/ClientLog.ts"
import { count } from "./Model/Format.ts"
import { GenerationWatch } from "./Model/Generation.ts"
import { Model } from "./Model/Model.ts"
import { parseLink } from "./Model/Preferences.ts"
import { Rhythms } from "./Model/Rhythm.ts"
import { parseStartLink } from "./Model/StartLink.ts"
import { Store } from "./Model/Store.ts"
import { Throttle } from "./Model/Throttle.ts"
import { parseUniverse } from "./Model/Universe.ts"
import { ControlLink } from "./Net/ControlLink.ts"
import { loadPatterns, noPatterns } from "./Net/Patterns.ts"
import { WatchLink } from "./Net/WatchLink.ts"
import { bindButtons, bindKeys, describeKeys } from "./Panels/Actions.ts"
import { BigScreen } from "./Panels/BigScreen.ts"
import { bindBringing } from "./Panels/Bringing.ts"
import { CellInspector } from "./Panels/CellInspector.ts"
import { Ending } from "./Panels/Ending.ts"
import { Example } from "./Panels/Example.ts"
import { Faults } from "./Panels/Faults.ts"
import { GameReadout } from "./Panels/GameReadout.ts"
import { Keeping } from "./Panels/Keeping.ts"
import { LinkBanner } from "./Panels/LinkBanner.ts"
import { LoopSaver } from "./Panels/LoopSaver.ts"
import { bindMenus } from "./Panels/Menus.ts"
import { bindGestures } from "./Panels/Navigation.ts"
import type { PageState, PageStore } from "./Panels/PageState.ts"
import { ReplayBar } from "./Panels/ReplayBar.ts"
import { RunControls } from "./Panels/RunControls.ts"
import { Settings } from "./Panels/Settings.ts"
import { Starting } from "./Panels/Starting.ts"
import { Timeline } from "./Panels/Timeline.ts"
import { Toast } from "./Panels/Toast.ts"
import { ViewControls } from "./Panels/ViewControls.ts"
import { watchActions } from "./Panels/WatchActions.ts"
import { Display } from "./Stage/Display.ts"
import { Stage } from "./Stage/Stage.ts"
import { legendFor } from "./Stage/Themes.ts"

// In a frame of another site the page shows only the grid and a link to the whole page.
const isEmbedded = location.pathname.endsWith("/embed")
document.body.classList.toggle("is-embedded", isEmbedded)

// The name of the game of this page. A server can start and control only its game without a name.
const origin = location.origin.replace(/^http/, "ws")
const gameUrl = `${origin}${location.pathname}`
const watchUrl = new URL("watcher/", gameUrl).href
const [, gameName] = /^\/games\/([^/]+)\//.exec(location.pathname) ?? []
const canSteer = !isEmbedded && gameName === undefined
/** What the server offers to this page, as it has written into the page. */
const offers = (document.body.getAttribute("data-offers") ?? "").split(" ")
const isReplay = offers.includes("replay")
/** How many games the server has, if it takes no other one, so that the game of this page can't be started. */
const fullAt = document.body.getAttribute("data-full-at")
/** Whether games can be started from here, by this page or by a command. A server that plays a recording takes none. */
const canStart = !isEmbedded && !isReplay && fullAt === null

const grid = element("grid", HTMLElement)
const legend = element("legend", HTMLElement)
const toast = new Toast()

const model = new Model()
const generations = new GenerationWatch()
const rhythms = new Rhythms()
const settings = new Settings()
const store: PageStore = new Store<PageState>({
  link: { _tag: "Connecting" },
  run: { game: undefined, canPause: false, isPaused: false, speed: undefined, replay: undefined, note: "" },
  offer: { list: { ...noPatterns, hasControl: canSteer && offers.includes("control") }, isLoaded: false },
  preferences: settings.preferences,
  options: settings.options,
  ...{ pictures: 0, readAt: 0, tickedAt: 0 }
})
settings.onChange = () => store.set({ preferences: settings.preferences, options: settings.options })

/** Milliseconds between changes of texts. Nobody reads faster, and each change makes the browser compute the layout. */
const READING_TIME = 150
const reading = new Throttle(READING_TIME, () => store.set({ readAt: performance.now() }))

const announcer = new Announcer(element("status", HTMLElement))
const clientLog = new ClientLog()
const watch = new WatchLink(watchUrl, {
  onNews: (blocks, hasCells, message) => {
    model.note(blocks, hasCells)
    if (blocks.some(({ _tag }) => _tag === "Status")) clientLog.noteFigures()
    timeline.follow()
    if (blocks.length > 0) reading.request()
    stage.receive(message, model)
    display.refresh()
  },
  onText: (text) => {
    reading.request()
    return clientLog.take(text, model.frame.width)
  },
  onState: (link) => {
    if (link._tag === "Lost") control.renew(link.reason)
    store.set({ link })
  }
})
// Before the worker that draws and the panels are made, so that the server answers meanwhile. Its messages are taken after this script.
watch.start()

const stage = new Stage(element("canvas", HTMLCanvasElement))
const display = new Display(stage, model, settings.options)
display.onDraw = () => store.set({ pictures: store.state.pictures + 1 })

stage.onFrame = (sighting, isAsked) => {
  if (!model.adopt(sighting)) return
  display.takeFrame(isAsked)
  noteGeneration()
  reading.request()
}
stage.onFault = (isReadable) => {
  if (isReadable) toast.show("The server sent cells that are not on the grid; reload the page.")
  else watch.refuse()
}
stage.onLoss = () => watch.renew("The part of the page that draws has failed.")
const control = new ControlLink(`${origin}/control/`, {
  onResponse: (response) => {
    if (response.type === "fault") faults.begin(response)
    if (response.type === "refused") toast.show(response.reason)
    run.receive(response)
  },
  onLost: () => run.lose()
})
const send = (request: ControlRequest) => {
  if (!control.send(request)) toast.show("There is no connection to the server now.")
}

const run = new RunControls(store, send)
new ReplayBar(store, model, send)
const faults = new Faults({ display, model, store, settings, toast, send })
const starting = new Starting({
  ...{ display, store, toast },
  isConnecting: () => control.isComing,
  onFirstUse: () => learn(),
  clients: () => (model.status?.phase === "running" ? model.status.connected : 0),
  onStart: (game) => {
    const isSent = control.send({ type: "start", game })
    if (isSent) run.expectGame()
    return isSent
  }
})
const inspector = new CellInspector({
  ...{ display, model, grid, store, announcer, log: clientLog },
  listen: (cell) => watch.listen(cell, model.epoch)
})
const timeline = new Timeline({
  onAhead: (step) => {
    if (!store.state.run.canPause) return toast.show(`Generation ${count(step)} has not come yet.`)
    if (display.isFrozen) display.freeze(false)
    run.runTo(step)
    toast.show(`The run goes on to generation ${count(step)}, and pauses there.`)
  },
  ...{ display, model, store, toast },
  url: offers.includes("history") ? new URL("history/", gameUrl).href : undefined
})
new LinkBanner(store, () => {
  watch.retry()
  control.retry()
})
new ViewControls({ display, store, timeline })
const instruments = new Instruments(isReplay)
new GameReadout({
  ...{ model, display, store, instruments, announcer, rhythms },
  example: new Example(
    display,
    () => starting.isDrawing,
    () => settings.options.isStill
  ),
  ending: new Ending(
    () => {
      if (isReplay) control.send({ type: "resume" })
      else if (starting.tools?.panel.again() !== true) starting.use(({ panel }) => panel.open(model.frame))
    },
    () => isReplay || starting.tools?.panel.canRepeat === true
  ),
  name: gameName === undefined ? undefined : decodeURIComponent(gameName),
  fullAt,
  canStart,
  isReplay
}).start()

/** Learns which games can be started here, and whether the run can be controlled. */
const learn = async () => {
  const offer = await loadPatterns()
  // What was offered before may be so again.
  if (offer === undefined) return store.set({ offer: { ...store.state.offer, isLoaded: true } })
  const list = { ...offer, hasControl: offer.hasControl && canSteer }
  expectControl(list.hasControl || isReplay)
  store.set({ offer: { list, isLoaded: true } })
}

const expectControl = (isOffered: boolean) => {
  if (isOffered) control.start()
  else control.stop()
  run.expectServer(isOffered)
}

let rhythmEpoch = -1

const noteGeneration = () => {
  if (model.epoch !== rhythmEpoch) rhythms.clear()
  rhythmEpoch = model.epoch
  const whole = generations.check(model)
  if (whole === undefined) return
  rhythms.note(whole, whole.steps[0]!)
  timeline.note(whole)
}

store.on(["preferences", "options"], ({ options, preferences }) => {
  display.options = options
  announcer.isOn = preferences.announces
  model.wantsWhole = preferences.isWhole
  instruments.restyle()
})
// Tells the server what the page does not draw, so that the server does not send it.
store.on(["pictures", "preferences", "options"], ({ preferences }) => {
  const isPaused = display.isPast && model.status?.phase === "running"
  watch.pace(intervals.findLast((interval) => interval <= display.interval) ?? 0)
  watch.want(isPaused ? "figures" : preferences.isWhole ? "whole" : "newest")
})
store.on(["pictures"], () => reading.request())
// The meaning of the colours depends on the theme and the game.
store.on(["options", "run", "readAt"], ({ options, run }) => {
  // Before the first news, nothing is known of the game, nor what the server that owns it has to say about it.
  const isKnown = model.status !== undefined && (run.game !== undefined || !run.canPause)
  const { stateCount } = model.frame
  setText(legend, isKnown ? run.note || legendFor(options.theme, stateCount) : "")
})
store.on(["tickedAt"], () => instruments.idle())
let wasLost = false
store.on(["link"], ({ link }) => {
  if (link._tag === "Open" && wasLost) {
    // The server is there again, so the other line need not wait for its own next attempt.
    control.retry()
    // It may have been replaced by another one.
    learn()
  }
  wasLost = link._tag === "Lost" || (wasLost && link._tag === "Connecting")
})

const startingActions = ["start", "edit"]
const actions = watchActions({
  bigScreen: new BigScreen(),
  canvas: () => stage.canvas,
  loopSaver: new LoopSaver({ display, model, rhythms, store, timeline, toast }),
  keeping: new Keeping({ display, model, settings, toast, url: watchUrl }),
  ...{ display, model, run, settings, starting, store, timeline, toast }
}).filter(({ name }) => canStart || !startingActions.includes(name))
bindMenus()
// What had the focus before a dialog may be hidden by now.
document.addEventListener("close", () => document.activeElement === document.body && grid.focus(), { capture: true })
bindButtons(actions)
bindKeys(grid, actions)
describeKeys(element("keys", HTMLTableSectionElement), actions)
bindGestures({
  ...{ grid, display, starting, inspector, ownsWheel: !isEmbedded },
  draw: (cell) => {
    // Only where the page can start the next game. In an earlier generation one looks at the cells.
    const { isPaused, replay } = store.state.run
    if (!isPaused || replay !== undefined || display.isFrozen || model.status?.phase !== "running") return false
    starting.use(({ board, panel }) => {
      panel.edit(display.seenGame, parseUniverse(model.topology))
      board.toggleAt(cell)
    })
    return true
  }
})
if (canStart) bindBringing(starting, toast)

const openLink = () => {
  const start = parseStartLink(location.hash)
  if (typeof start === "string") toast.show(start)
  else if (start !== undefined && canStart) starting.use(({ panel }) => panel.fill(start))
  const link = parseLink(location.hash)
  if (link.theme !== undefined) settings.followTheme(link.theme)
  display.open(link)
}

window.setInterval(() => {
  if (!document.hidden) store.set({ tickedAt: performance.now() })
}, 500)
window.addEventListener("hashchange", openLink)
openLink()
// The page knows from the start who owns the run, so Space pauses the run from the first moment on.
expectControl(isReplay || (canSteer && offers.includes("control")))
// The grid has the focus, so the keys work at once. The focus ring appears only when a key is used. In a frame the focus stays
// with the page around it.
const quietly: FocusOptions & { readonly focusVisible: boolean } = { preventScroll: true, focusVisible: false }
if (!isEmbedded) grid.focus(quietly)
