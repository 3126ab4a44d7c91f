/** What the parts of the watch page share. */

import type { ControlState, ReplayLength } from "../../../src/Protocol/Control.ts"
import type { PatternList } from "../../../src/Protocol/PatternList.ts"
import type { LinkState } from "../../Link.ts"
import type { Preferences } from "../Model/Preferences.ts"
import type { Store } from "../Model/Store.ts"
import type { Options } from "../Stage/Display.ts"

/** The run of a server that owns its workers, or plays a recording. */
export interface Run {
  /** `undefined` if the server does not own its workers. */
  readonly game: ControlState["game"] | undefined
  /** Whether there is a run that can be paused and resumed, or will be in a moment. */
  readonly canPause: boolean
  readonly isPaused: boolean
  /** The most steps in a second; `undefined` if the server does not own its workers. */
  readonly speed: number | undefined
  /** The recording that is played; `undefined` if the run is a game. */
  readonly replay: ReplayLength | undefined
  /** One line about the game: what to look for; "" if there is none. */
  readonly note: string
}

interface Offer {
  /** Before it is loaded it has no patterns, but the page knows already whether it may start games. */
  readonly list: PatternList
  readonly isLoaded: boolean
}

export interface PageState {
  /** The connection to the watch feed. */
  readonly link: LinkState
  readonly run: Run
  /** The games that can be started from here. */
  readonly offer: Offer
  readonly preferences: Preferences
  /** How to draw, from the preferences, the link and the system. */
  readonly options: Options
  /** The number of pictures that were drawn, of the game or of something else. */
  readonly pictures: number
  /** When the texts were updated last. The game has changed since, but nobody reads faster. */
  readonly readAt: number
  /** When the page looked last at what changes without news. */
  readonly tickedAt: number
}

export type PageStore = Store<PageState>
