/** The watch page: connects the parts. News flows one way, from the connection through the model to what is seen. */
import { intervals } from "../../src/Protocol/WatchRequest.ts"
import { element, setText } from "../Element.ts"
import { Announcer } from "./Instruments/Announcer.ts"
import { Instruments } from "./Instruments/Instruments.ts"
import { Throttle } from "./Instruments/Throttle.ts"
import { populationOf } from "./Model/Generation.ts"
import { GenerationWatch } from "./Model/GenerationWatch.ts"
import { describeCell } from "./Model/Inspector.ts"
import { Model, stepRange } from "./Model/Model.ts"
import { parseLink } from "./Model/Preferences.ts"
import { generation, noticeFor, sentence } from "./Model/Progress.ts"
import { Pulse } from "./Model/Pulse.ts"
import { Rhythms } from "./Model/Rhythm.ts"
import { situationOf } from "./Model/Situation.ts"
import { parseStartLink } from "./Model/StartLink.ts"
import { Tally } from "./Model/Tally.ts"
import { describeUniverse, parseUniverse } from "./Model/Universe.ts"
import type { Point } from "./Model/Viewport.ts"
import { pan, zoomAt } from "./Model/Viewport.ts"
import { Connection } from "./Net/Connection.ts"
import { ControlLink } from "./Net/ControlLink.ts"
import { loadPatterns } from "./Net/Patterns.ts"
import { bindButtons, bindKeys, describeKeys, enable, press } from "./Panels/Actions.ts"
import { BigScreen } from "./Panels/BigScreen.ts"
import { bindBringing } from "./Panels/Bringing.ts"
import { DrawingBoard } from "./Panels/DrawingBoard.ts"
import { Ending } from "./Panels/Ending.ts"
import { Example } from "./Panels/Example.ts"
import { Keeping } from "./Panels/Keeping.ts"
import { LinkBanner } from "./Panels/LinkBanner.ts"
import { bindMenus } from "./Panels/Menus.ts"
import { Overlay } from "./Panels/Overlay.ts"
import { Recorder } from "./Panels/Recorder.ts"
import { RunControls } from "./Panels/RunControls.ts"
import { Settings } from "./Panels/Settings.ts"
import { StartPanel } from "./Panels/StartPanel.ts"
import { Timeline } from "./Panels/Timeline.ts"
import { Toast } from "./Panels/Toast.ts"
import { watchActions } from "./Panels/WatchActions.ts"
import { Display } from "./Stage/Display.ts"
import { Gestures } from "./Stage/Gestures.ts"
import { Stage } from "./Stage/Stage.ts"
import { dyingLegend } from "./Stage/Themes.ts"

const grid = element("grid", HTMLElement)
const phase = element("phase", HTMLElement)
const size = element("size", HTMLElement)
const universe = element("universe", HTMLElement)
const welcome = element("welcome", HTMLElement)
const seenChip = element("seen", HTMLElement)
const inspector = element("inspector", HTMLElement)
const legend = element("legend", HTMLElement)
const playLabel = element("play-label", HTMLElement)
const playButton = element("play-label", HTMLElement).parentElement!

// In a frame of another site: the grid, and a way to the whole page.
const isEmbedded = location.pathname.endsWith("/embed")
document.body.classList.toggle("is-embedded", isEmbedded)

const model = new Model()
const stage = new Stage(element("canvas", HTMLCanvasElement), model)
const instruments = new Instruments()
const overlay = new Overlay()
const toast = new Toast()
const pulse = new Pulse()
const tally = new Tally()
const generations = new GenerationWatch()
const rhythms = new Rhythms()
const announcer = new Announcer(element("status", HTMLElement))
const banner = new LinkBanner(() => connection.retry())

let isLost = false
let hovered: Point | undefined

const showCell = () => {
  const cell = hovered ?? display.marked
  inspector.hidden = cell === undefined
  if (cell !== undefined) inspector.textContent = describeCell(display.frame, cell, stepRange(display.frame).min)
}

const showControls = () => {
  const { announces, hasLines, isRepeated } = settings.preferences
  press("lines", hasLines)
  press("repeat", isRepeated)
  press("announce", announces)
  press("follow", display.isFollowing)
  press("freeze", display.isFrozen)
  const { isFrozen } = display
  playButton.classList.toggle("is-on", isFrozen || run.isPaused)
  setText(playLabel, isFrozen ? "Resume" : run.isPaused ? "Continue" : run.canPause ? "Pause" : "Freeze")
  const title = isFrozen
    ? "Show the newest again"
    : run.canPause
      ? "The run, for all who watch"
      : "The view; the run goes on"
  if (playButton.title !== title) playButton.title = title
  seenChip.hidden = !display.isPast
  if (display.isPast) setText(seenChip, `Frozen at generation ${generation(stepRange(display.frame))}`)
  enable("back", timeline.isPast ? timeline.canMove(-1) : display.kept.before > 0)
  enable("forward", timeline.isPast || (isFrozen && display.kept.after > 0) || run.isPaused)
  showCell()
}

/** What the figures are of: the newest, or the frame from before that is seen in its place. */
const showFigures = () => {
  const { frame, status } = model
  const isPast = display.isPast
  const steps = stepRange(isPast ? display.frame : frame)
  if (status === undefined) return
  const population = isPast ? populationOf(display.frame) : status.population
  instruments.showRhythm(rhythms.rhythm)
  instruments.drawing = { drawn: display.drawn, isCalmed: display.isCalmed }
  instruments.show(status, frame, steps, population)
}

const showSituation = () => {
  const { frame, status } = model
  // Without a connection that is what is told.
  if (status === undefined || !connection.isOpen) return
  const now = performance.now()
  pulse.note(status.messages, now)
  const steps = stepRange(frame)
  const situation = situationOf({
    status,
    grid: frame,
    steps,
    control: run.game,
    stalledFor: pulse.stalledFor(now)
  })
  tally.note(status)
  example.show(situation.name === "idle" && frame.width === 0)
  welcome.hidden = situation.name !== "idle" || frame.width > 0
  ending.show(situation, steps, tally.duration)
  setText(phase, situation.label)
  phase.title = situation.detail
  phase.setAttribute("data-phase", situation.name)
  overlay.show(noticeFor(situation, status, frame, !isEmbedded))
  const detail = situation.detail === "" ? "" : ` ${situation.detail}`
  announcer.say(`${status.game} ${situation.name}`, sentence(situation, status, frame, steps) + detail)
}

const showStatus = () => {
  const { frame, status } = model
  document.title = frame.width === 0 ? "Game of Life" : `Game of Life ${frame.width}x${frame.height}`
  setText(size, frame.width === 0 ? "" : `${frame.width} × ${frame.height}`)
  setText(universe, frame.width === 0 ? "" : describeUniverse(parseUniverse(model.topology)))
  showLegend()
  if (status === undefined) return
  showSituation()
  showFigures()
}

/** Milliseconds between changes of what is written: nobody reads faster, and each makes the browser lay out the page. */
const readingTime = 150

const readout = new Throttle(readingTime, () => {
  timeline.show()
  showStatus()
})

let rhythmEpoch = -1

const noteGeneration = () => {
  timeline.follow()
  if (model.epoch !== rhythmEpoch) rhythms.clear()
  rhythmEpoch = model.epoch
  const whole = generations.look(model)
  if (whole === undefined) return
  rhythms.note(whole, whole.steps[0]!)
  timeline.note(whole)
  readout.request()
}

// Of the game whose page this is.
const gameUrl = `${location.origin.replace(/^http/, "ws")}${location.pathname}`
const watchUrl = new URL("watcher/", gameUrl).href
const connection = new Connection(watchUrl, {
  onBlocks: (blocks, message) => {
    if (!model.apply(blocks)) toast.show("The server sent cells that are not on the grid; reload the page.")
    noteGeneration()
    if (blocks.some(({ _tag }) => _tag !== "Cells")) readout.request()
    stage.hear(message)
    display.refresh()
  },
  onState: (state) => {
    banner.show(state)
    const wasLost = isLost
    isLost = state._tag === "Lost" || (isLost && state._tag === "Connecting")
    if (state._tag === "Open") {
      pulse.restart(performance.now())
      // It may be another server than before.
      if (wasLost) {
        learn()
        timeline.reconnect()
      }
    }
    if (state._tag === "Lost") {
      phase.textContent = "Disconnected"
      phase.setAttribute("data-phase", "lost")
      instruments.interrupt()
      announcer.say("lost", `${state.reason} The page tries to connect again by itself.`)
    }
  }
})

const run = new RunControls((request) => {
  if (!control.send(request)) toast.show("There is no connection to the server at present.")
})
const settings = new Settings()
const display = new Display(stage, model, settings.options)

/** The server need not send what would not be drawn. */
const pace = () => connection.pace(intervals.findLast((interval) => interval <= display.interval) ?? 0)

const want = () =>
  connection.want(
    display.isPast && model.status?.phase === "running" ? "figures" : settings.preferences.isWhole ? "whole" : "newest"
  )

/** What the colours mean depends on the game too. */
const showLegend = () => {
  const parts = [settings.options.theme.legend, dyingLegend(model.frame.stateCount)]
  setText(legend, parts.filter((part) => part !== "").join(" "))
}

const applySettings = () => {
  const { options } = settings
  display.options = options
  showLegend()
  announcer.isOn = settings.preferences.announces
  instruments.restyle()
  pace()
  model.wantsWhole = settings.preferences.isWhole
  want()
  showControls()
}

const board = new DrawingBoard(display)
const control = new ControlLink(`${location.origin.replace(/^http/, "ws")}/control/`, {
  onResponse: (response) => {
    run.show(response)
    if (response.type === "refused") toast.show(response.reason)
    showSituation()
    showControls()
  },
  onLost: () => {
    run.hide()
    showControls()
  }
})
const startPanel = new StartPanel({
  board,
  toast,
  onStart: (game) => {
    const isSent = control.send({ type: "start", game })
    if (isSent) run.expect()
    showSituation()
    return isSent
  }
})

/** What can be started here, and whether the run can be steered. */
const learn = async () => {
  const offer = await loadPatterns()
  // What a server starts and steers is its game without a name.
  const list = isEmbedded || location.pathname.startsWith("/games/") ? { ...offer, hasControl: false } : offer
  startPanel.list = list
  if (list.hasControl) control.start()
  else control.stop()
}

const example = new Example(
  display,
  () => board.isOpen,
  () => settings.options.isStill
)
const ending = new Ending(() => {
  if (!startPanel.again()) startPanel.open(model.frame)
})
const timeline = new Timeline({ display, model, toast, grid, url: new URL("history/", gameUrl).href })
const keeping = new Keeping({ display, model, settings, toast, url: watchUrl })
const allActions = watchActions({
  bigScreen: new BigScreen(),
  recorder: new Recorder(() => stage.canvas, toast),
  board,
  display,
  keeping,
  model,
  run,
  settings,
  startPanel,
  timeline,
  toast
})
const starting = ["start", "edit"]
const actions = allActions.filter(({ name }) => !isEmbedded || !starting.includes(name))
bindMenus()
bindButtons(actions)
// Whoever takes to the keyboard wants to hear about the cell chosen by it, not the one under the mouse.
grid.addEventListener("keydown", () => {
  hovered = undefined
})
bindKeys(grid, actions)
describeKeys(element("keys", HTMLTableSectionElement), actions)

new Gestures(grid, {
  onPan: (dx, dy) => {
    display.follow(false)
    display.setView(pan(display.view, dx, dy))
  },
  onZoom: (at, factor) => display.setView(zoomAt(display.view, display.screen, at, factor)),
  onTap: (at) => display.mark(display.cellAt(at)),
  onHover: (at) => {
    hovered = at && display.cellAt(at)
    showCell()
  },
  isDrawing: () => board.isOpen,
  onStroke: (at, isFirst) => board.stroke(at, isFirst),
  onStrokeUndone: () => board.undo()
})

if (!isEmbedded) bindBringing(startPanel, toast)

const openLink = () => {
  const start = parseStartLink(location.hash)
  if (start !== undefined) startPanel.fill(start).catch((error: Error) => toast.show(error.message))
  const link = parseLink(location.hash)
  if (link.theme !== undefined) settings.followTheme(link.theme)
  display.open(link.view, link.cell)
}

window.setInterval(() => {
  if (document.hidden) return
  instruments.idle()
  showSituation()
}, 500)
document.addEventListener("visibilitychange", () => pulse.restart(performance.now()))
stage.onResize = () => display.setView(display.chosenView)
window.addEventListener("hashchange", openLink)
settings.onChange = applySettings
display.onDraw = () => {
  pace()
  want()
  showControls()
  readout.request()
}
applySettings()
openLink()
connection.start()
learn()
// The keys work at once; the ring that shows the focus waits until someone uses them.
const quietly: FocusOptions & { readonly focusVisible: boolean } = { preventScroll: true, focusVisible: false }
grid.focus(quietly)
