/** The connections of a game's cells: what happens when one opens, is told to run, advances or is lost. */
import { CloseReason } from "../../Protocol/CloseReason.ts"
import { real } from "../../Time/Timer.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Cell } from "./Cell.ts"
import { CellLink, type LinkEvents } from "./CellLink.ts"
import { GameClosed, type GameFailure, isFinal, NotARelay } from "./GameClosed.ts"
import type { GameProgress } from "./GameProgress.ts"
import type { CellConnection } from "./LifeTransport.ts"
import type { LostCells } from "./LostCells.ts"
import { Pace } from "./Pace.ts"
import { PacedCells } from "./PacedCells.ts"
import type { PublishedSteps } from "./PublishedSteps.ts"

export interface CellLinksOptions {
  /** The most steps per second. */
  readonly speed: number
  /** Whether cells that have published nothing learn from the relay at which step they were. */
  readonly resume: boolean
  readonly progress: GameProgress
  readonly published: PublishedSteps
  readonly lost: LostCells
  /** The first cell received the message to run. */
  readonly onRunning: () => void
  readonly fail: (error: GameFailure) => void
}

export class CellLinks implements LinkEvents {
  readonly pace: PacedCells
  readonly #options: CellLinksOptions
  /** The newest connection of each connected cell. Events of an older connection of the same cell are ignored. */
  readonly #current = new Map<Cell, CellLink>()
  /** Cells whose client publishes nothing for a while, and the connection of those that have reached a step meanwhile. */
  readonly #frozen = new Map<Cell, CellLink | undefined>()
  readonly #timers = new Set<() => void>()
  /** How often this process has requested the game from the server. */
  #epoch = 0

  constructor(options: CellLinksOptions) {
    this.#options = options
    this.pace = new PacedCells(new Pace(options.speed, performance.now()), (link) => this.#publish(link))
  }

  get isEmpty(): boolean {
    return this.#current.size === 0
  }

  /** Returns the function that makes the cell's handler when its connection is open. */
  opener(cell: Cell): (link: CellConnection) => Handler {
    const { progress, resume, published } = this.#options
    const epoch = this.#epoch
    const resumes = resume && !published.hasBegun(cell)
    return (link) => {
      const made = new CellLink(cell, epoch, link, this, resumes)
      const before = this.#current.get(cell)
      if (before !== undefined) before.isCurrent = false
      this.#current.set(cell, made)
      progress.connected++
      return made
    }
  }

  /** This process requests the game from the server, which then closes the connections that were opened before. */
  askedForGame(): void {
    this.#epoch++
  }

  /** Starts the cells that still wait for kept states from the relay. */
  begin(): void {
    for (const link of this.#current.values()) link.begin()
  }

  /** Closes all connections. Their cells are then brought back over new ones. */
  renew(): void {
    for (const { cell } of this.#closeAll()) this.#options.lost.add(cell)
  }

  /** Closes all connections for good. */
  end(): void {
    this.pace.stop()
    for (const stop of this.#timers) stop()
    this.#closeAll()
  }

  get cells(): ReadonlyArray<Cell> {
    return [...this.#current.keys()]
  }

  /** Closes the connection of a cell. It is brought back after this number of milliseconds. */
  disconnect(cell: Cell, away: number): void {
    const link = this.#current.get(cell)
    if (link === undefined) return
    this.#remove(link)
    link.close(CloseCode.GoingAway)
    this.#after(away, () => this.#options.lost.add(cell))
  }

  /** The client of a cell keeps its connection, but publishes nothing for this number of milliseconds. */
  freeze(cell: Cell, time: number): void {
    if (this.#frozen.has(cell)) return
    this.#frozen.set(cell, undefined)
    this.#after(time, () => {
      const link = this.#frozen.get(cell)
      this.#frozen.delete(cell)
      if (link?.isCurrent !== true) return
      // It may have reached two steps: its neighbours wait for the first one, and published theirs.
      link.publishPrevious()
      this.pace.reached(link)
    })
  }

  #after(time: number, run: () => void): void {
    const stop = real.after(time, () => {
      this.#timers.delete(stop)
      run()
    })
    this.#timers.add(stop)
  }

  subscribed(): void {
    this.#options.progress.subscribed++
  }

  run(link: CellLink): void {
    const { onRunning, progress, published } = this.#options
    const { cell } = link
    if (!progress.running) {
      progress.running = true
      this.pace.start(cell.step)
      onRunning()
    }
    if (published.isAhead(cell)) {
      // The pace holds this step. If the cell published it now, its neighbours could take a step that is not due yet.
      link.publishPrevious()
      return this.pace.reached(link)
    }
    link.publishAgain()
    published.published(cell)
  }

  advanced(link: CellLink): void {
    if (this.#frozen.size > 0 && this.#frozen.has(link.cell)) this.#frozen.set(link.cell, link)
    else this.pace.reached(link)
  }

  completed({ cell }: CellLink): void {
    this.#options.published.completed(cell)
  }

  surprised(text: string): void {
    this.#options.fail(new NotARelay({ detail: `unexpected message ${JSON.stringify(text.slice(0, 40))}` }))
  }

  closed(link: CellLink, { code, reason }: Close): void {
    if (!link.isCurrent) return
    this.#remove(link)
    // The server closed this connection because we requested the game again. The cell may come back.
    const isOurs = code === CloseReason.NewGame.code && link.epoch < this.#epoch
    if (isFinal(code) && !isOurs) this.#options.fail(new GameClosed({ code, reason }))
    else this.#options.lost.add(link.cell)
  }

  /** The pace allows the cell to publish its step. */
  #publish(link: CellLink): void {
    if (!link.isCurrent) return
    if (this.#frozen.size > 0 && this.#frozen.has(link.cell)) return void this.#frozen.set(link.cell, link)
    link.publish()
    // When a cell advances two steps at once, `CellLink` has published the first one already.
    this.#options.published.published(link.cell)
  }

  #remove(link: CellLink): void {
    const { progress } = this.#options
    this.#current.delete(link.cell)
    link.isCurrent = false
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
