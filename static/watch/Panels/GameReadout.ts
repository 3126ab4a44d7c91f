/** Shows the progress of the game, its size, rule and figures, and announces changes to screen readers. */
import type { ControlState } from "../../../src/Protocol/Control.ts"
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { element, setText } from "../../Element.ts"
import type { Announcer } from "../Instruments/Announcer.ts"
import type { Instruments } from "../Instruments/Instruments.ts"
import { count } from "../Model/Format.ts"
import { populationOf } from "../Model/Generation.ts"
import type { Model } from "../Model/Model.ts"
import { headline, type Notice, noticeFor, sentence } from "../Model/Progress.ts"
import { Pulse } from "../Model/Pulse.ts"
import type { Rhythms } from "../Model/Rhythm.ts"
import { type Situation, situationOf } from "../Model/Situation.ts"
import { Tally } from "../Model/Tally.ts"
import { describeUniverse, parseUniverse } from "../Model/Universe.ts"
import type { Display } from "../Stage/Display.ts"
import { passFocus } from "./Actions.ts"
import type { Ending } from "./Ending.ts"
import type { Example } from "./Example.ts"
import type { PageState, PageStore } from "./PageState.ts"

export interface GameReadoutParts {
  readonly model: Model
  readonly display: Display
  readonly store: PageStore
  readonly instruments: Instruments
  readonly announcer: Announcer
  readonly rhythms: Rhythms
  readonly example: Example
  readonly ending: Ending
  /** The name of the game; `undefined` for the server's game without a name. */
  readonly name: string | undefined
  /** How many games the server has, if it takes no other one. */
  readonly fullAt: string | null
  /** Whether this page can start games. */
  readonly canStart: boolean
  /** Whether the server plays a recording. The page knows it before its bar does. */
  readonly isReplay: boolean
}

/** The notice over the grid before the run: waiting, connecting, subscribing. */
class Overlay {
  readonly #overlay = element("overlay", HTMLElement)
  readonly #title = element("overlay-title", HTMLElement)
  readonly #text = element("overlay-text", HTMLElement)
  readonly #progress = element("overlay-progress", HTMLProgressElement)

  show(notice: Notice | undefined): void {
    this.#overlay.hidden = notice === undefined
    if (notice === undefined) return
    this.#title.textContent = notice.title
    this.#text.textContent = notice.text
    this.#progress.hidden = notice.share === undefined
    this.#progress.value = notice.share ?? 0
  }
}

export class GameReadout {
  readonly #parts: GameReadoutParts
  readonly #phase = element("phase", HTMLElement)
  readonly #headline = element("headline", HTMLElement)
  readonly #size = element("size", HTMLElement)
  readonly #universe = element("universe", HTMLElement)
  readonly #welcome = element("welcome", HTMLElement)
  readonly #overlay = new Overlay()
  readonly #pulse = new Pulse()
  readonly #tally = new Tally()
  /** The state of the run on a server that owns its workers, as this page knew it last. */
  #run: ControlState["game"] | undefined
  /** The number of the game that ran when such a server ended its run: its clients leave now, one after the other. */
  #over: number | undefined

  constructor(parts: GameReadoutParts) {
    this.#parts = parts
    document.addEventListener("visibilitychange", () => this.#restart())
    const { fullAt, name } = parts
    if (name !== undefined) {
      element("name-part", HTMLElement).hidden = false
      setText(element("name", HTMLElement), name)
      const what =
        fullAt === null
          ? `There is no game “${name}” on this server yet. Start it with the command that the button below shows`
          : `There is no game “${name}” on this server, and it can’t be started: the server has ${count(Number(fullAt))} ${fullAt === "1" ? "game" : "games"}, the most that it takes. Watch one of “Games”, or reload this page when one has ended`
      setText(element("welcome-text", HTMLElement), `${what}; the moving cells above are an example.`)
    }
  }

  /** Begins to show what happens, when all parts are made. */
  start(): void {
    const { store } = this.#parts
    store.on(["link"], ({ link }) => {
      if (link._tag === "Lost") this.#interrupt(link.reason)
      if (link._tag === "Open") this.#restart()
    })
    store.on(["readAt"], (state) => this.#show(state))
    store.on(["run", "tickedAt"], (state) => this.#showSituation(state))
  }

  #show(state: PageState): void {
    this.#showSituation(state)
    this.#showFigures()
  }

  /** Shows of what size and universe the game is. Before a game starts, that of the game before says nothing. */
  #showGame(situation: Situation): void {
    const { name } = this.#parts
    const { frame, hasGame, topology } = this.#parts.model
    const isThere = hasGame && frame.width > 0 && situation.name !== "starting"
    const kind = isThere ? `Game of Life ${frame.width}x${frame.height}` : "Game of Life"
    const title = name === undefined ? kind : `${name}: ${kind}`
    if (document.title !== title) document.title = title
    setText(this.#size, isThere ? `${frame.width} × ${frame.height}` : "")
    setText(this.#universe, isThere ? describeUniverse(parseUniverse(topology)) : "")
  }

  #showSituation({ link, run }: PageState): void {
    const { announcer, canStart, ending, example, fullAt, isReplay, model } = this.#parts
    const { frame, status } = model
    // Without a connection, the state of the game is not known.
    if (status === undefined || link._tag !== "Open") return
    const now = performance.now()
    this.#pulse.note(status, now)
    this.#noteEnd(run.game, status)
    const { steps } = model
    const stalledFor = this.#pulse.stalledFor(now)
    const { topology } = model
    const situation = situationOf({
      status,
      grid: frame,
      topology,
      steps,
      control: run.game,
      isOver: status.game === this.#over,
      stalledFor
    })
    this.#showGame(situation)
    const isWelcome = situation.name === "idle"
    this.#tally.note(status)
    example.show(isWelcome)
    if (!isWelcome) passFocus(this.#welcome)
    this.#welcome.hidden = !isWelcome
    document.body.classList.toggle("is-waiting", isWelcome)
    ending.show(situation, steps, this.#tally.duration, run.game === "ended" ? run.note : "")
    this.#showPhase(situation.name, situation.label, situation.detail)
    // A game that is about to start is not known before its clients have asked for it.
    const isKnown = situation.name !== "starting" || (status.phase === "idle" && topology !== "")
    setText(this.#headline, headline(situation, status, isKnown ? frame : undefined, isReplay))
    // The welcome says it too.
    this.#overlay.show(isWelcome && (canStart || fullAt !== null) ? undefined : noticeFor(situation, status, frame))
    const detail = situation.detail === "" ? "" : ` ${situation.detail}`
    announcer.say(`${status.game} ${situation.name}`, sentence(situation, status, frame, steps) + detail)
  }

  /** A game that runs on such a server after the end of its run is another one, which a `life` has started there. */
  #noteEnd(run: ControlState["game"] | undefined, { game, phase }: StatusBlock): void {
    if (run === "ended" && (this.#run === "running" || this.#run === "paused") && phase === "running") this.#over = game
    this.#run = run
  }

  /** The connection was lost. */
  #interrupt(reason: string): void {
    const { announcer, instruments } = this.#parts
    this.#showPhase("lost", "Disconnected", "")
    this.#run = undefined
    instruments.interrupt()
    announcer.say("lost", `${reason} The page will reconnect automatically.`)
  }

  /** The game was not watched for a while, so the speed of its steps must be measured anew. */
  #restart(): void {
    this.#pulse.restart(performance.now())
  }

  #showPhase(name: string, label: string, detail: string): void {
    setText(this.#phase, label)
    this.#phase.title = detail
    this.#phase.setAttribute("data-phase", name)
  }

  /** Shows the figures of the frame that is seen: the newest one, or an earlier one. */
  #showFigures(): void {
    const { display, instruments, model, rhythms } = this.#parts
    const { frame, status } = model
    if (status === undefined) return
    const { isPast } = display
    const current = model.steps
    const { steps } = display
    const population = isPast ? populationOf(display.frame) : status.population
    instruments.showRhythm(rhythms.rhythm)
    instruments.drawing = { drawn: display.drawn, isCalmed: display.isCalmed, isPaused: isPast }
    instruments.show(status, frame, current, steps, population)
  }
}
