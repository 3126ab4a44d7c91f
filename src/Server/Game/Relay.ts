/**
 * The relay: passes each cell's state message, unchanged, to the workers that subscribed to the cell and to all
 * watchers.
 *
 * A topic is a cell's number, `row * width + col`, so finding it costs no hashing. The frame of a message is made once;
 * a delivery appends it to what the subscriber's connection sends at the end of the turn.
 *
 * The relay keeps the last two messages of each topic, packed in a number, for workers that come back or replace others:
 * in lockstep no cell is more than a step away from its neighbours, so two are enough to carry on.
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Protocol0 from "../../Protocol/Protocol0.ts"
import { type ByteString, ofAscii } from "../../WebSocket/Frames/Frame.ts"

export interface Subscriber {
  readonly sendFrame: (frame: ByteString) => void
}

/** The functions are called inside chunks, `unsafePublish` for every message. */
export class Relay extends Context.Tag("effect-c10k/Server/Relay")<
  Relay,
  {
    readonly unsafeGrid: () => { readonly width: number; readonly height: number; readonly topology: string }
    /** State messages and deliveries since the start of the server. */
    readonly unsafeTotals: () => { readonly messages: number; readonly deliveries: number }
    /** Starts a grid with no subscribers and nothing kept; watchers stay. */
    readonly unsafeReset: (width: number, height: number, topology: string) => void
    readonly unsafeSubscribe: (topic: number, subscriber: Subscriber) => void
    readonly unsafeUnsubscribe: (topic: number, subscriber: Subscriber) => void
    readonly unsafeWatch: (watcher: Subscriber) => void
    readonly unsafeUnwatch: (watcher: Subscriber) => void
    /** Sends `text`, the message of `topic` at `step` with `state`, to all that listen. */
    readonly unsafePublish: (topic: number, step: number, state: 0 | 1, text: string) => void
    /** Sends what is kept of `topic`, older first. */
    readonly unsafeReplay: (topic: number, subscriber: Subscriber) => void
    /** Calls back for each state message: one observer, which must be as fast as the relay. */
    readonly unsafeObserve: (observer: Observer) => void
  }
>() {
  static readonly layer = (width: number, height: number): Layer.Layer<Relay> =>
    Layer.sync(Relay, () => make(width, height))
}

export interface Observer {
  readonly reset: (width: number, height: number, topology: string) => void
  readonly record: (topic: number, step: number, state: 0 | 1) => void
}

/** Nothing kept. Otherwise `step * 8 + has-previous * 4 + previous * 2 + state`, a double that is a whole number. */
const NOTHING = -1

const make = (width: number, height: number): Context.Tag.Service<Relay> => {
  let grid = { width, height, topology: "" }
  let topics: Array<Array<Subscriber> | undefined> = new Array(width * height)
  let kept = new Float64Array(width * height).fill(NOTHING)
  let watchers: ReadonlyArray<Subscriber> = []
  let observer: Observer | undefined
  let messages = 0
  let deliveries = 0

  const keep = (topic: number, step: number, state: 0 | 1) => {
    const before = kept[topic]!
    const stepBefore = Math.floor(before / 8)
    if (before !== NOTHING && step === stepBefore + 1) kept[topic] = step * 8 + 4 + (before & 1) * 2 + state
    // What was told before, and is told again by a worker that came back, is older.
    else if (before === NOTHING || step > stepBefore) kept[topic] = step * 8 + state
  }

  return {
    unsafeGrid: () => grid,
    unsafeTotals: () => ({ messages, deliveries }),
    unsafeReset: (width, height, topology) => {
      grid = { width, height, topology }
      topics = new Array(width * height)
      kept = new Float64Array(width * height).fill(NOTHING)
      observer?.reset(width, height, topology)
    },
    unsafeSubscribe: (topic, subscriber) => {
      const subscribers = topics[topic]
      if (subscribers === undefined) topics[topic] = [subscriber]
      else if (!subscribers.includes(subscriber)) subscribers.push(subscriber)
    },
    unsafeUnsubscribe: (topic, subscriber) => {
      const subscribers = topics[topic]
      const index = subscribers?.indexOf(subscriber) ?? -1
      if (index >= 0) subscribers!.splice(index, 1)
    },
    unsafeWatch: (watcher) => {
      watchers = [...watchers, watcher]
    },
    unsafeUnwatch: (watcher) => {
      watchers = watchers.filter((each) => each !== watcher)
    },
    unsafePublish: (topic, step, state, text) => {
      const frame = ofAscii(text)
      const subscribers = topics[topic]
      if (subscribers !== undefined) {
        for (let i = 0; i < subscribers.length; i++) subscribers[i]!.sendFrame(frame)
        deliveries += subscribers.length
      }
      for (let i = 0; i < watchers.length; i++) watchers[i]!.sendFrame(frame)
      deliveries += watchers.length
      messages++
      keep(topic, step, state)
      observer?.record(topic, step, state)
    },
    unsafeReplay: (topic, subscriber) => {
      const packed = kept[topic]!
      if (packed === NOTHING) return
      const step = Math.floor(packed / 8)
      const row = Math.floor(topic / grid.width)
      const col = topic % grid.width
      const send = (step: number, state: number) =>
        subscriber.sendFrame(ofAscii(Protocol0.formatState(step, row, col, state)))
      if ((packed & 4) !== 0) send(step - 1, (packed >> 1) & 1)
      send(step, packed & 1)
    },
    unsafeObserve: (it) => {
      observer = it
      it.reset(grid.width, grid.height, grid.topology)
    }
  }
}
