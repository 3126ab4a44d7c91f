/** How many connections there are, were let in, refused and closed. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

export interface Figures {
  /** WebSockets that are open, by role. */
  readonly open: Map<string, number>
  /** WebSockets that were let in, by role. */
  readonly accepted: Map<string, number>
  /** Requests for WebSockets that were refused, and connections that made no request, by cause. */
  readonly refused: Map<string, number>
  /** WebSockets that ended, by close code. */
  readonly closed: Map<number, number>
  /** Those of them that were closed because they did not read. */
  slow: number
}

export class ConnectionFigures extends Context.Tag("effect-c10k/Server/ConnectionFigures")<
  ConnectionFigures,
  Figures
>() {
  static readonly layer: Layer.Layer<ConnectionFigures> = Layer.sync(ConnectionFigures, () => ({
    open: new Map(),
    accepted: new Map(),
    refused: new Map(),
    closed: new Map(),
    slow: 0
  }))
}

/** Adds `by` to the number of `key`. */
export const count = <K>(numbers: Map<K, number>, key: K, by = 1): void => {
  numbers.set(key, (numbers.get(key) ?? 0) + by)
}
