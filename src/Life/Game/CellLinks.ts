/** The connections of a game's cells: what follows when one is opened, told to run, or lost. */
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Cell } from "./Cell.ts"
import { CellLink, type LinkEvents } from "./CellLink.ts"
import { GameClosed, type GameFailure, isFinal, NotARelay } from "./GameClosed.ts"
import type { GameProgress } from "./GameProgress.ts"
import type { Link } from "./LifeTransport.ts"
import type { LostCells } from "./LostCells.ts"
import { Pace } from "./Pace.ts"
import { PacedGame } from "./PacedGame.ts"
import type { ToldSteps } from "./ToldSteps.ts"

export interface CellLinksOptions {
  readonly lastStep: number
  /** Steps a second, at most. */
  readonly speed: number
  /** Whether cells that have told nothing learn from the relay where they were. */
  readonly resume: boolean
  readonly progress: GameProgress
  readonly told: ToldSteps
  readonly lost: LostCells
  /** The first cell received the message to run. */
  readonly onRunning: () => void
  readonly fail: (error: GameFailure) => void
}

export class CellLinks implements LinkEvents {
  readonly pace: PacedGame
  readonly #options: CellLinksOptions
  /** The connection of each cell that has one: what another one of the cell's says does not count. */
  readonly #current = new Map<Cell, CellLink>()
  /** How often the server was asked for the game. */
  #epoch = 0

  constructor(options: CellLinksOptions) {
    this.#options = options
    this.pace = new PacedGame(new Pace(options.speed, performance.now()), (link) => this.#tell(link))
  }

  get isEmpty(): boolean {
    return this.#current.size === 0
  }

  /** Gives what makes the cell's handler once its connection is open. */
  opener(cell: Cell): (link: Link) => Handler {
    const { lastStep, progress, resume, told } = this.#options
    const epoch = this.#epoch
    const resumes = resume && !told.hasBegun(cell)
    return (link) => {
      const made = new CellLink(cell, epoch, link, this, lastStep, resumes)
      this.#current.set(cell, made)
      progress.connected++
      return made
    }
  }

  /** The server is asked for the game: it will close the connections that were begun before. */
  askedForGame(): void {
    this.#epoch++
  }

  /** Cells that get no more messages from the relay begin with the states that they have. */
  begin(): void {
    for (const link of this.#current.values()) link.begin()
  }

  /** Closes all connections, and brings their cells back over others. */
  renew(): void {
    for (const { cell } of this.#closeAll()) this.#options.lost.add(cell)
  }

  /** Closes all connections for good. */
  end(): void {
    this.pace.stop()
    this.#closeAll()
  }

  subscribed(): void {
    this.#options.progress.subscribed++
  }

  run(link: CellLink): void {
    const { onRunning, progress, told } = this.#options
    const { cell } = link
    if (!progress.running) {
      progress.running = true
      this.pace.start(cell.step)
      onRunning()
    }
    if (told.isAhead(cell)) {
      // The pace holds it. If it were told now, its neighbours could take a step that other cells may not take yet.
      link.tellBefore()
      return this.pace.reached(link)
    }
    link.tellAgain()
    told.told(cell)
  }

  advanced(link: CellLink): void {
    this.pace.reached(link)
  }

  surprised(text: string): void {
    this.#options.fail(new NotARelay({ detail: `unexpected message ${JSON.stringify(text.slice(0, 40))}` }))
  }

  closed(link: CellLink, { code, reason }: Close): void {
    if (!this.#isCurrent(link)) return
    this.#remove(link)
    // What our own asking for the game closed is no verdict.
    const isOurs = code === CloseReason.NewGame.code && link.epoch < this.#epoch
    if (isFinal(code) && !isOurs) this.#options.fail(new GameClosed({ code, reason }))
    else this.#options.lost.add(link.cell)
  }

  /** The pace lets the cell tell its step. */
  #tell(link: CellLink): void {
    if (!this.#isCurrent(link)) return
    link.tell()
    // Two steps at once: the first was told when the second was made.
    this.#options.told.told(link.cell)
  }

  #isCurrent(link: CellLink): boolean {
    return this.#current.get(link.cell) === link
  }

  #remove(link: CellLink): void {
    const { progress } = this.#options
    this.#current.delete(link.cell)
    progress.connected--
    if (link.isSubscribed) progress.subscribed--
  }

  #closeAll(): ReadonlyArray<CellLink> {
    const links = [...this.#current.values()]
    for (const link of links) {
      this.#remove(link)
      link.close()
    }
    return links
  }
}
