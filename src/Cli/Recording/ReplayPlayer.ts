/** Plays a recording on a server's page, which pauses it, steps, seeks, changes its speed and repeats it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ControlRequest } from "../../Protocol/Control.ts"
import * as Replay from "../../Server/History/Replay.ts"
import type { ControlChannel, PageRequest } from "../ControlChannel.ts"
import * as Output from "../Output.ts"
import type { BlockPosition } from "./Positions.ts"
import type { Group } from "./RecordingFile.ts"
import * as RecordingRange from "./RecordingRange.ts"

/** A wait of at most this many milliseconds is skipped. With a longer one, pages would get two generations of a large game at once, and then none for a frame. */
const SLACK = 1

/** The longest work in milliseconds without a turn of the event loop: pages get their news at every frame. */
const SLICE = 8

/** The states that are written at a time, unless they are a whole generation, which pages get in an eighth of the bytes. */
const BATCH = 16_384

/** The most states that are played in a second. A page takes about half a second for so many; more would only wait there. */
const MAX_STATES_PER_SECOND = 1 << 26

/** How many steps before a wanted one it begins, so that ages and the traces of dead cells are right. */
const RUN_UP = 24

/** How long the last step stays before a recording begins again. */
const LAST = "1 second"

export class ReplayPlayer {
  readonly #range: RecordingRange.RecordingRange
  readonly #cells: number
  readonly #control: ControlChannel
  readonly #changed = Effect.unsafeMakeLatch(false)
  readonly #measured = Effect.unsafeMakeLatch(false)
  /** Steps per second; `undefined`: as recorded. */
  #speed: number | undefined
  #isPaused = false
  #loops = false
  /** The groups up to this step are played without waiting. */
  #target = Number.NEGATIVE_INFINITY
  #mustRestart = false
  /** Whether the last step stays, until a page goes back or plays it again. */
  #isOver = false
  /** Where it begins again; `undefined`: where the steps to play begin. */
  #start: BlockPosition | undefined
  /** The step of the group that was played last. */
  #step = Number.NEGATIVE_INFINITY
  /** None before it is measured. */
  #length: { readonly from: number; readonly to: number } | undefined
  /** Where time and steps were when playing went on: the time of the clock, of the recording, and the step. */
  #base: { readonly at: number; readonly time: number; readonly step: number } | undefined

  constructor(range: RecordingRange.RecordingRange, speed: Option.Option<number>, control: ControlChannel) {
    this.#range = range
    this.#cells = range.game.width * range.game.height
    this.#speed = Option.getOrUndefined(speed)
    this.#control = control
  }

  ask({ refuse, request }: PageRequest): void {
    const change = this.#change(request)
    if (change === undefined) return refuse("a recording can't do this: start games on a server of `demo` or `serve`")
    this.#base = undefined
    this.#control.show(change)
    this.#changed.unsafeOpen()
  }

  /** Whether it begins again at its end. A paused one stays there. */
  get #beginsAgain(): boolean {
    return this.#loops && !this.#isPaused
  }

  #change(request: ControlRequest): Parameters<ControlChannel["show"]>[0] | undefined {
    switch (request.type) {
      case "pause":
        this.#isPaused = true
        return this.#isOver ? {} : { game: "paused" }
      case "resume":
        if (request.step !== undefined) return undefined
        this.#isPaused = false
        if (this.#isOver && !this.#mustRestart) {
          this.#mustRestart = true
          this.#target = Number.NEGATIVE_INFINITY
        }
        return { game: "running" }
      case "speed":
        this.#speed = request.speed
        return { speed: request.speed }
      case "step":
        if (!this.#isOver) this.#target = this.#step + 1
        return {}
      case "seek":
        this.#seek(request.step)
        return {}
      case "loop":
        this.#loops = request.loops
        return this.#length === undefined ? {} : { replay: { ...this.#length, loops: this.#loops } }
      default:
        return undefined
    }
  }

  /** Goes to a step. It plays again from the nearest position, unless that lies behind the present step and the wanted one before it. */
  #seek(step: number): void {
    const position = this.#range.positions.before(step - RUN_UP)
    if (step < this.#step || position.step > this.#step) {
      this.#mustRestart = true
      this.#start = position
    }
    this.#target = step
  }

  /**
   * Plays for ever: at the end it waits until a page goes back or plays it again. Its first states are seen while the recording is
   * measured, which takes a second for 50 million states if it has no keyframes.
   */
  run() {
    return Effect.all([this.#measure(), this.#play()], { concurrency: 2, discard: true })
  }

  readonly #play = Effect.fnUntraced(function* (this: ReplayPlayer) {
    this.#control.show({ game: "running" })
    for (;;) {
      this.#mustRestart = false
      yield* Effect.scoped(this.#playThrough())
      if (this.#mustRestart) continue
      this.#target = Number.NEGATIVE_INFINITY
      if (this.#beginsAgain) {
        yield* Effect.sleep(LAST)
        continue
      }
      this.#control.show({ game: "ended" })
      yield* Output.note("The recording has ended; its last step stays (Ctrl-C ends it)")
      this.#isOver = true
      while (!this.#mustRestart) {
        this.#changed.unsafeClose()
        yield* this.#changed.await
      }
      this.#isOver = false
      // One that was paused stays paused where a page goes back to.
      this.#control.show({ game: this.#isPaused ? "paused" : "running" })
    }
  })

  /** Finds the last step and the speed of the recording, so that the page shows its whole length from the beginning. */
  readonly #measure = Effect.fnUntraced(function* (this: ReplayPlayer) {
    const { begin, ends, from, to } = this.#range
    let end = begin
    yield* RecordingRange.each(this.#range, ends, (moment) => {
      end = moment
    })
    const length = { from, to: Math.min(to, end.step) }
    this.#length = length
    const recorded = end.time > begin.time ? ((end.step - begin.step) * 1000) / (end.time - begin.time) : 1
    const speed = this.#speed ?? Math.max(0.1, Math.round(recorded * 10) / 10)
    this.#control.show({ replay: { ...length, loops: this.#loops }, speed })
    this.#measured.unsafeOpen()
  })

  /** Plays from the beginning to the end, or until a page goes back. */
  readonly #playThrough = Effect.fnUntraced(function* (this: ReplayPlayer) {
    const replay = yield* Replay.begin(this.#range.game)
    const { from, positions } = this.#range
    const groups = this.#range.groups(this.#start ?? positions.before(from - RUN_UP))[Symbol.iterator]()
    this.#start = undefined
    this.#step = Number.NEGATIVE_INFINITY
    this.#base = undefined
    let turnAt = performance.now() + SLICE
    const letOthersWork = Effect.suspend(() => {
      if (performance.now() < turnAt) return Effect.void
      return Effect.map(Effect.sleep(0), () => {
        turnAt = performance.now() + SLICE
      })
    })
    while (!this.#mustRestart) {
      const next = yield* RecordingRange.through(this.#range, () => groups.next())
      if (next.done === true) break
      yield* letOthersWork
      if (next.value === undefined) continue
      const step = next.value.least
      yield* this.#untilDue(next.value, step)
      // A page that goes back wants no more of this.
      if (this.#mustRestart) break
      // A page may go back while the group is written.
      this.#step = step
      const { cells, generation, states, steps } = next.value
      const batch = generation === undefined ? BATCH : cells.length
      for (let at = 0; at < cells.length && !this.#mustRestart; at += batch) {
        const to = at + batch
        replay.unsafeStates({
          cells: cells.subarray(at, to),
          steps: steps.subarray(at, to),
          states: states.subarray(at, to),
          ...(generation === undefined ? {} : { generation })
        })
        yield* letOthersWork
      }
      yield* this.#measured.await
    }
    if (!this.#mustRestart && !this.#beginsAgain) replay.unsafeEnd()
  })

  /** Waits until it is time for a group, as long as that may take in a paused recording. */
  readonly #untilDue = Effect.fnUntraced(function* (this: ReplayPlayer, group: Group, step: number) {
    while (!this.#mustRestart && step > this.#target) {
      this.#changed.unsafeClose()
      if (this.#isPaused) {
        yield* this.#changed.await
        continue
      }
      this.#base ??= { at: performance.now(), time: group.time, step }
      const { at, step: from, time } = this.#base
      const due = this.#speed === undefined ? group.time - time : ((step - from) * 1000) / this.#speed
      const least = ((step - from) * this.#cells * 1000) / MAX_STATES_PER_SECOND
      const wait = at + Math.max(due, least) - performance.now()
      if (wait <= SLACK) return
      yield* Effect.raceFirst(Effect.sleep(wait), this.#changed.await)
    }
  })
}
