/** The watch page. Connects its parts: messages go from the connection through the model to the display. */
import { intervals } from "../../src/Protocol/WatchRequest.ts"
import { element, setText } from "../Element.ts"
import { Announcer } from "./Instruments/Announcer.ts"
import { Instruments } from "./Instruments/Instruments.ts"
import { Throttle } from "./Instruments/Throttle.ts"
import { ClientLog } from "./Model/ClientLog.ts"
import { count } from "./Model/Format.ts"
import { GenerationWatch } from "./Model/GenerationWatch.ts"
import { Model, stepRange } from "./Model/Model.ts"
import { parseLink } from "./Model/Preferences.ts"
import { Rhythms } from "./Model/Rhythm.ts"
import { parseStartLink } from "./Model/StartLink.ts"
import { parseUniverse } from "./Model/Universe.ts"
import { Connection } from "./Net/Connection.ts"
import { Control } from "./Net/Control.ts"
import { loadPatterns } from "./Net/Patterns.ts"
import { bindButtons, bindKeys, describeKeys } from "./Panels/Actions.ts"
import { BigScreen } from "./Panels/BigScreen.ts"
import { bindBringing } from "./Panels/Bringing.ts"
import { CellInspector } from "./Panels/CellInspector.ts"
import { DrawingBoard } from "./Panels/DrawingBoard.ts"
import { Ending } from "./Panels/Ending.ts"
import { Example } from "./Panels/Example.ts"
import { Faults } from "./Panels/Faults.ts"
import { GameReadout } from "./Panels/GameReadout.ts"
import { Keeping } from "./Panels/Keeping.ts"
import { LinkBanner } from "./Panels/LinkBanner.ts"
import { bindMenus } from "./Panels/Menus.ts"
import { bindGestures } from "./Panels/Navigation.ts"
import { Recorder } from "./Panels/Recorder.ts"
import { ReplayBar } from "./Panels/ReplayBar.ts"
import { RunControls } from "./Panels/RunControls.ts"
import { Settings } from "./Panels/Settings.ts"
import { StartPanel } from "./Panels/StartPanel.ts"
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

const grid = element("grid", HTMLElement)
const legend = element("legend", HTMLElement)
const toast = new Toast()

const model = new Model()
const generations = new GenerationWatch()
const rhythms = new Rhythms()

const settings = new Settings()
const stage = new Stage(element("canvas", HTMLCanvasElement), model)
const display = new Display(stage, model, settings.options)
const clientLog = new ClientLog()
const inspector = new CellInspector({
  ...{ display, model, grid, log: clientLog },
  listen: (cell) => connection.listen(cell, model.epoch)
})
const board = new DrawingBoard(display, toast)
const timeline = new Timeline({
  onAhead: (step) => {
    if (!run.canPause) return toast.show(`Generation ${count(step)} has not come yet.`)
    if (display.isFrozen) display.freeze(false)
    run.runTo(step)
    toast.show(`The run goes on to generation ${count(step)}, and pauses there.`)
  },
  display,
  model,
  toast,
  grid,
  url: offers.includes("history") ? new URL("history/", gameUrl).href : undefined
})

const banner = new LinkBanner(() => connection.retry())
let isLost = false
const connection = new Connection(watchUrl, {
  onBlocks: (blocks, message) => {
    if (!model.apply(blocks)) toast.show("The server sent cells that are not on the grid; reload the page.")
    noteGeneration()
    if (blocks.some(({ _tag }) => _tag !== "Cells")) reading.request()
    stage.hear(message)
    display.refresh()
  },
  onText: (text) => {
    reading.request()
    return clientLog.take(text, model.frame.width)
  },
  onState: (state) => {
    banner.show(state)
    const wasLost = isLost
    isLost = state._tag === "Lost" || (isLost && state._tag === "Connecting")
    if (state._tag === "Lost") readout.interrupt(state.reason)
    if (state._tag !== "Open") return
    readout.restart()
    if (!wasLost) return
    // The server may have been replaced by another one.
    learn()
    timeline.reconnect()
  }
})

const run = new RunControls((request) => {
  if (!control.send(request)) toast.show("There is no connection to the server now.")
})
const isReplay = offers.includes("replay")
const replayBar = new ReplayBar((request) => {
  if (!control.send(request)) toast.show("There is no connection to the server now.")
})
const control = new Control(`${origin}/control/`, {
  onResponse: (response) => {
    run.show(response)
    replayBar.hear(response)
    if (response.type === "fault") faults.begin(response)
    if (response.type === "refused") toast.show(response.reason)
    startPanel.refresh()
    readout.showSituation()
    viewControls.show()
  },
  onLost: () => {
    run.hide()
    startPanel.refresh()
    viewControls.show()
  }
})
const faults = new Faults({
  ...{ display, model, run, settings, toast },
  send: (request) => {
    if (!control.send(request)) toast.show("There is no connection to the server now.")
  }
})
const startPanel = new StartPanel({
  board,
  toast,
  isConnecting: () => control.isComing,
  clients: () => (model.status?.phase === "running" ? model.status.connected : 0),
  onStart: (game) => {
    const isSent = control.send({ type: "start", game })
    if (isSent) run.expect()
    readout.showSituation()
    return isSent
  }
})

/** Learns which games can be started here, and whether the run can be controlled. */
const learn = async () => {
  const offer = await loadPatterns()
  const list = { ...offer, hasControl: offer.hasControl && canSteer }
  if (list.hasControl || isReplay) control.start()
  else control.stop()
  run.isComing = list.hasControl || isReplay
  startPanel.list = list
  board.patterns = list.patterns
}

const instruments = new Instruments()
const announcer = new Announcer(element("status", HTMLElement))
const viewControls = new ViewControls({ display, run, settings, timeline })
const readout = new GameReadout({
  model,
  display,
  run,
  instruments,
  announcer,
  rhythms,
  example: new Example(
    display,
    () => board.isOpen,
    () => settings.options.isStill
  ),
  ending: new Ending(
    () => {
      if (isReplay) control.send({ type: "resume" })
      else if (!startPanel.again()) startPanel.open(model.frame)
    },
    () => isReplay || startPanel.canRepeat
  ),
  name: gameName === undefined ? undefined : decodeURIComponent(gameName),
  canStart: !isEmbedded,
  isConnected: () => connection.isOpen
})

/** Shows the meaning of the colours, which depends on the theme and the game. */
const showLegend = () => {
  setText(legend, run.note === "" ? legendFor(settings.options.theme, model.frame.stateCount) : run.note)
}

/** Milliseconds between changes of texts. Nobody reads faster, and each change makes the browser compute the layout. */
const readingTime = 150

const reading = new Throttle(readingTime, () => {
  timeline.show()
  showLegend()
  inspector.show()
  readout.show()
  const { min } = stepRange(model.frame)
  replayBar.follow(min)
  run.reached(min)
})

let rhythmEpoch = -1

const noteGeneration = () => {
  timeline.follow()
  if (model.epoch !== rhythmEpoch) rhythms.clear()
  rhythmEpoch = model.epoch
  const whole = generations.check(model)
  if (whole === undefined) return
  rhythms.note(whole, whole.steps[0]!)
  timeline.note(whole)
  reading.request()
}

/** Tells the server what the page does not draw, so that the server does not send it. */
const askForLess = () => {
  const isPaused = display.isPast && model.status?.phase === "running"
  connection.pace(intervals.findLast((interval) => interval <= display.interval) ?? 0)
  connection.want(isPaused ? "figures" : settings.preferences.isWhole ? "whole" : "newest")
}

const applySettings = () => {
  display.options = settings.options
  announcer.isOn = settings.preferences.announces
  model.wantsWhole = settings.preferences.isWhole
  instruments.restyle()
  startPanel.restyle()
  showLegend()
  askForLess()
  viewControls.show()
}

const starting = ["start", "edit"]
const actions = watchActions(
  {
    bigScreen: new BigScreen(),
    recorder: new Recorder(() => stage.canvas, toast),
    keeping: new Keeping({ display, model, settings, toast, url: watchUrl }),
    board,
    display,
    model,
    run,
    settings,
    startPanel,
    timeline,
    toast
  },
  () => viewControls.show()
).filter(({ name }) => !isEmbedded || !starting.includes(name))
bindMenus()
bindButtons(actions)
bindKeys(grid, actions)
describeKeys(element("keys", HTMLTableSectionElement), actions)
bindGestures({
  ...{ grid, display, board, inspector, ownsWheel: !isEmbedded },
  draw: (cell) => {
    // Only where the page can start the next game. In an earlier generation one looks at the cells.
    if (!run.isPaused || run.isReplay || display.isFrozen || model.status?.phase !== "running") return false
    startPanel.edit(display.seenGame, parseUniverse(model.topology))
    board.toggleAt(cell)
    return true
  }
})
if (!isEmbedded) bindBringing(startPanel, board, toast)

const openLink = () => {
  const start = parseStartLink(location.hash)
  if (start !== undefined) startPanel.fill(start).catch((error: Error) => toast.show(error.message))
  const link = parseLink(location.hash)
  if (link.theme !== undefined) settings.followTheme(link.theme)
  display.open(link)
}

window.setInterval(() => {
  if (document.hidden) return
  instruments.idle()
  faults.show(stepRange(model.frame))
  readout.showSituation()
}, 500)
window.addEventListener("hashchange", openLink)
settings.onChange = applySettings
display.onDraw = () => {
  askForLess()
  viewControls.show()
  reading.request()
}
applySettings()
openLink()
connection.start()
// The page knows from the start who owns the run, so Space pauses the run from the first moment on.
if (canSteer && offers.includes("control")) {
  control.start()
  run.isComing = true
  startPanel.hasControl = true
  viewControls.show()
}
learn()
// The grid has the focus, so the keys work at once. The focus ring appears only when a key is used. In a frame the focus stays
// with the page around it.
const quietly: FocusOptions & { readonly focusVisible: boolean } = { preventScroll: true, focusVisible: false }
if (!isEmbedded) grid.focus(quietly)
