/**
 * The relay: passes each cell's state message, unchanged, to the workers that subscribed to the cell and to all
 * watchers.
 *
 * The message of a worker is written to the log of the game and delivered when it comes back from there. So a worker
 * that got a state can rely on it that all nodes get it (docs/decisions/0061).
 *
 * A topic is a cell's number, `row * width + col`, so finding it needs no hashing. The frame of a message is made once;
 * a delivery appends it to the bytes that the subscriber's connection sends at the end of the turn.
 */

import * as Context from "effect/Context"
import * as Protocol0 from "../../Protocol/Protocol0.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import { type ByteString, ofAscii } from "../../WebSocket/Frames/Frame.ts"
import type { CellState } from "./GameEvent.ts"
import { statesOf } from "./GameEventCodec.ts"
import type { GameState, Grid } from "./GameState.ts"

export interface Subscriber {
  /** Sends the frame of a state message. `step` is the step of the state. */
  readonly sendFrame: (frame: ByteString, step: number) => void
}

/** The functions are called inside chunks; `unsafeDeliver` is called for every message. */
export class Relay extends Context.Tag("effect-c10k/Server/Relay")<
  Relay,
  {
    readonly unsafeGrid: () => Grid
    /** The number of deliveries of state messages since the start of the server. */
    readonly unsafeDeliveries: () => number
    /** Another game has begun, or this node lost the last one. Removes all subscribers; watchers stay. */
    readonly unsafeReset: () => void
    readonly unsafeSubscribe: (topic: number, subscriber: Subscriber) => void
    readonly unsafeUnsubscribe: (topic: number, subscriber: Subscriber) => void
    readonly unsafeWatch: (watcher: Subscriber) => void
    readonly unsafeUnwatch: (watcher: Subscriber) => void
    /** Delivers a state from the log to the subscribers and watchers on this node. */
    readonly unsafeDeliver: (state: CellState) => void
    readonly unsafeDeliverAll: (columns: RecordedStates) => void
    /** The newest step of `topic`; -1 before any. */
    readonly unsafeStep: (topic: number) => number
    /** Sends the kept messages of `topic`, the older one first. */
    readonly unsafeReplay: (topic: number, subscriber: Subscriber) => void
    /**
     * Calls back for each kept state, and then for each new one. An observer must be as fast as the relay. Returns a
     * function that ends this.
     */
    readonly unsafeObserve: (observer: RelayObserver) => () => void
  }
>() {}

export interface RelayObserver {
  readonly reset: (grid: Grid) => void
  readonly record: (topic: number, step: number, state: number) => void
  /** Many states at once; `record` is called for each of them if there is no such function. */
  readonly recordAll?: (columns: RecordedStates) => void
}

const nobody: ReadonlyArray<Subscriber> = []

export const make = (game: GameState): Relay["Type"] => {
  let topics: Array<Array<Subscriber> | undefined> = new Array(game.kept.cells)
  let watchers: ReadonlyArray<Subscriber> = []
  let observers: ReadonlyArray<RelayObserver> = []
  let hasSubscribers = false
  let deliveries = 0

  const show = (it: RelayObserver) => {
    it.reset(game.grid)
    for (let topic = 0; topic < game.kept.cells; topic++)
      game.kept.each(topic, (step, state) => it.record(topic, step, state))
  }

  const format = (topic: number, step: number, state: number): string => {
    const { width } = game.grid
    return Protocol0.formatState(step, Math.floor(topic / width), topic % width, state)
  }

  const deliver = ({ state, step, text, topic }: CellState): void => {
    const subscribers = topics[topic] ?? nobody
    // In a game on many nodes, most cells have no subscriber on this node.
    if (subscribers.length + watchers.length > 0) {
      const frame = ofAscii(text ?? format(topic, step, state))
      for (let i = 0; i < subscribers.length; i++) subscribers[i]!.sendFrame(frame, step)
      for (let i = 0; i < watchers.length; i++) watchers[i]!.sendFrame(frame, step)
      deliveries += subscribers.length + watchers.length
    }
    for (let i = 0; i < observers.length; i++) observers[i]!.record(topic, step, state)
  }

  return {
    unsafeGrid: () => game.grid,
    unsafeDeliveries: () => deliveries,
    unsafeReset: () => {
      topics = new Array(game.kept.cells)
      hasSubscribers = false
      for (const observer of observers) show(observer)
    },
    unsafeSubscribe: (topic, subscriber) => {
      const subscribers = topics[topic]
      hasSubscribers = true
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
    unsafeDeliver: deliver,
    unsafeDeliverAll: (columns) => {
      if (hasSubscribers || watchers.length > 0 || observers.some(({ recordAll }) => recordAll === undefined))
        for (const state of statesOf(columns)) deliver(state)
      else for (const { recordAll } of observers) recordAll!(columns)
    },
    unsafeStep: (topic) => {
      let newest = -1
      game.kept.each(topic, (step) => {
        newest = step
      })
      return newest
    },
    unsafeReplay: (topic, subscriber) =>
      game.kept.each(topic, (step, state) => subscriber.sendFrame(ofAscii(format(topic, step, state)), step)),
    unsafeObserve: (observer) => {
      observers = [...observers, observer]
      show(observer)
      return () => {
        observers = observers.filter((each) => each !== observer)
      }
    }
  }
}
