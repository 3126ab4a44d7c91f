/** All actions of a viewer. */
import { copyText } from "../../Clipboard.ts"
import { element } from "../../Element.ts"
import type { Model } from "../Model/Model.ts"
import { formatLink } from "../Model/Preferences.ts"
import { parseUniverse } from "../Model/Universe.ts"
import { pan, regionOf, zoomAt } from "../Model/Viewport.ts"
import { Script } from "../Net/Script.ts"
import type { Display } from "../Stage/Display.ts"
import type { Recorder } from "../video/main.ts"
import type { Action } from "./Actions.ts"
import type { BigScreen } from "./BigScreen.ts"
import type { Keeping } from "./Keeping.ts"
import type { LoopSaver } from "./LoopSaver.ts"
import type { PageStore } from "./PageState.ts"
import type { RunControls } from "./RunControls.ts"
import type { Settings } from "./Settings.ts"
import type { Starting } from "./Starting.ts"
import type { Timeline } from "./Timeline.ts"
import type { Toast } from "./Toast.ts"

/** How many pixels an arrow key moves the grid, and by what factor a zoom key magnifies it. */
const STRIDE = 60
const MAGNIFICATION = 1.4

const video = new Script<typeof import("../video/main.ts")>("video/main.js")

export interface Parts {
  readonly bigScreen: BigScreen
  readonly canvas: () => HTMLCanvasElement
  readonly display: Display
  readonly model: Model
  readonly run: RunControls
  readonly settings: Settings
  readonly keeping: Keeping
  readonly loopSaver: LoopSaver
  readonly starting: Starting
  readonly store: PageStore
  readonly timeline: Timeline
  readonly toast: Toast
}

export const watchActions = (parts: Parts): ReadonlyArray<Action> => {
  const { bigScreen, canvas, display, keeping, loopSaver, model, run, settings, starting, store, timeline, toast } =
    parts
  let recorder: Recorder | undefined
  const record = () =>
    video
      .load()
      .then(({ Recorder }) => {
        recorder ??= new Recorder(canvas, toast)
        recorder.toggle()
      })
      .catch((error: Error) => toast.show(error.message))
  /** Disables an action on the game while a first generation is drawn. */
  const ofGame = (act: () => void) => () => {
    if (!starting.isDrawing) act()
  }
  const freeze = () => {
    if (display.canFreeze) display.freeze(!display.isFrozen)
  }
  const move = (dx: number, dy: number) => () => {
    display.camera.follow(false)
    display.camera.setView(pan(display.camera.view, dx * STRIDE, dy * STRIDE))
  }
  const zoom = (factor: number) => () => {
    const { height, width } = display.camera.screen
    display.camera.setView(zoomAt(display.camera.view, display.camera.screen, { x: width / 2, y: height / 2 }, factor))
  }
  const inspect = (dx: number, dy: number) => () => {
    const { height, width } = display.grid
    const { x, y } = display.camera.marked ?? { x: Math.floor(width / 2), y: Math.floor(height / 2) }
    display.camera.mark({ x: (x + dx + width) % width, y: (y + dy + height) % height })
  }
  const act = (name: string, label: string, keys: ReadonlyArray<string>, run: () => void): Action => ({
    name,
    label,
    keys,
    run
  })
  return [
    act(
      "play",
      "Pause or resume the run; if the server does not own it, the view",
      [" "],
      ofGame(() => {
        if (display.isFrozen || !store.state.run.canPause) freeze()
        else run.toggle()
      })
    ),
    act("freeze", "Pause the view while the run continues", ["h"], ofGame(freeze)),
    act(
      "back",
      "One generation back",
      [","],
      ofGame(() => timeline.back())
    ),
    act(
      "forward",
      "One generation forward; after the newest, one step of a paused run",
      ["."],
      ofGame(() => {
        if (timeline.forward()) return
        if (display.isFrozen) display.freeze(false)
        if (store.state.run.isPaused) run.step()
      })
    ),
    act(
      "time",
      "Go back through the game; there, Esc returns to the live view",
      ["b"],
      ofGame(() => timeline.toggle())
    ),
    act("zoom-in", "Zoom in", ["+", "="], zoom(MAGNIFICATION)),
    act("zoom-out", "Zoom out", ["-"], zoom(1 / MAGNIFICATION)),
    act("fit", "Show the whole grid", ["f", "Home"], () => {
      display.camera.follow(false)
      display.camera.setView(undefined)
    }),
    act("follow", "Keep the living cells in the middle", ["c"], () =>
      display.camera.follow(!display.camera.isFollowing)
    ),
    act("left", "Look to the left", ["ArrowLeft"], move(1, 0)),
    act("right", "Look to the right", ["ArrowRight"], move(-1, 0)),
    act("up", "Look up", ["ArrowUp"], move(0, 1)),
    act("down", "Look down", ["ArrowDown"], move(0, -1)),
    act("inspect-left", "Inspect the cell to the left", ["Shift+ArrowLeft"], inspect(-1, 0)),
    act("inspect-right", "Inspect the cell to the right", ["Shift+ArrowRight"], inspect(1, 0)),
    act("inspect-up", "Inspect the cell above", ["Shift+ArrowUp"], inspect(0, -1)),
    act("inspect-down", "Inspect the cell below", ["Shift+ArrowDown"], inspect(0, 1)),
    act("inspect-none", "Inspect no cell", ["Escape"], () => display.camera.mark(undefined)),
    act("lines", "Lines between large cells", ["g"], () =>
      settings.update({ hasLines: !settings.preferences.hasLines })
    ),
    act("repeat", "Repeat the grid beyond joined edges", ["e"], () =>
      settings.update({ isRepeated: !settings.preferences.isRepeated })
    ),
    act("theme", "Next colours", ["t"], () => settings.nextTheme()),
    act("run-slower", "Slow the run down, if the server owns it", ["<"], () => run.shiftSpeed(-1)),
    act("run-faster", "Speed the run up, if the server owns it", [">"], () => run.shiftSpeed(1)),
    act("slower", "Draw less often", ["["], () => settings.shiftRate(-1)),
    act("faster", "Draw more often", ["]"], () => settings.shiftRate(1)),
    act(
      "save-png",
      "Save the generation as a picture",
      ["p"],
      ofGame(() => keeping.savePng())
    ),
    act(
      "save-rle",
      "Save the generation as a pattern",
      ["r"],
      ofGame(() => keeping.saveRle())
    ),
    act(
      "save-gif",
      "Save the last generations, or one period, as a GIF that repeats",
      ["i"],
      ofGame(() => loopSaver.save())
    ),
    act(
      "copy-rle",
      "Copy the generation as a pattern",
      ["x"],
      ofGame(() => keeping.copyRle())
    ),
    act("whole", "Whole generations, or cells as they come", ["w"], () =>
      settings.update({ isWhole: !settings.preferences.isWhole })
    ),
    act("link", "Copy a link that opens this view", ["l"], () => {
      const theme = settings.options.theme.name
      const view = display.camera.chosenView && regionOf(display.camera.chosenView, display.camera.screen)
      // Setting `location` would cause a `hashchange` event later, which would undo changes made in between.
      history.replaceState(null, "", formatLink({ theme, view, cell: display.camera.marked }))
      // Without a secure origin there is no clipboard, but the address bar has the link in any case.
      void copyText(location.href).then((isCopied) =>
        toast.show(isCopied ? "The link was copied." : "The link is in the address bar.")
      )
    }),
    act("record", "Record a video of the view, or stop and save it", ["v"], () => void record()),
    act("big", "Full screen with large figures; Esc leaves it", ["o"], () => bigScreen.toggle()),
    act(
      "edit",
      "Draw cells and start a game from them",
      ["d"],
      ofGame(() => starting.use(({ panel }) => panel.edit(display.seenGame, parseUniverse(model.topology))))
    ),
    act("announce", "Turn announcements for screen readers on or off", ["a"], () =>
      settings.update({ announces: !settings.preferences.announces })
    ),
    act(
      "start",
      "Start a game",
      ["n"],
      // While drawing a first generation, this ends the drawing, which also opens the panel.
      () => starting.use(({ board, panel }) => (board.isOpen ? board.close() : panel.open(model.frame)))
    ),
    // Its heading can have the focus, so it gets it. The attribute "autofocus" would ask for that of a page around a frame.
    act("help", "Show this help", ["?"], () => element("help", HTMLDialogElement).showModal())
  ]
}
