/**
 * A WebSocket that comes back after each loss: the one connection class of the pages. What a link says and reads is its owner's.
 */

const FIRST = 500
const LONGEST = 15_000

/**
 * Milliseconds before attempt number `attempt` (from 0). The time doubles up to 15 seconds. `random` (from 0 to 1) shortens it by
 * up to half, so that many pages do not return to a restarted server at the same time.
 */
export const backoff = (attempt: number, random: number): number =>
  Math.min(FIRST * 2 ** Math.min(attempt, 10), LONGEST) * (1 - random / 2)

export type LinkState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Open" }
  /** `retryAt` is in milliseconds of `performance.now()`. */
  | { readonly _tag: "Lost"; readonly reason: string; readonly retryAt: number }

export interface LinkOptions {
  readonly url: string
  readonly subprotocol?: string
  /** The connection counts as dead after this many milliseconds without a message. Absent: a link may be silent. */
  readonly silence?: number
  readonly onMessage: (data: ArrayBuffer | string) => void
  readonly onState: (state: LinkState) => void
}

const OPEN_LIMIT = 10_000

const reasonFor = (event: CloseEvent, wasOpen: boolean): string => {
  if (!wasOpen) return "The server does not answer."
  if (event.code === 1001) return "The server is shutting down."
  return event.reason === "" ? "The connection was lost." : `The server closed the connection: ${event.reason}.`
}

export class Link {
  readonly #options: LinkOptions
  #socket: WebSocket | undefined
  #attempt = 0
  #timer: number | undefined
  #receivedAt = 0
  /** Ends what a started link listens to. */
  #life: AbortController | undefined

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Connects, unless the link is started. */
  start(): void {
    if (this.#life !== undefined) return
    this.#life = new AbortController()
    const { signal } = this.#life
    window.addEventListener("online", () => this.retry(), { signal })
    window.addEventListener("offline", () => this.drop("This device is offline."), { signal })
    const onShown = () => {
      this.#receivedAt = performance.now()
      if (!document.hidden) this.retry()
    }
    document.addEventListener("visibilitychange", onShown, { signal })
    // A page that returns from the browser's back-forward cache has lost its connection without an event.
    const onReturn = ({ persisted }: PageTransitionEvent) => persisted && this.drop("The connection was lost.")
    window.addEventListener("pageshow", onReturn, { signal })
    const watch = window.setInterval(() => this.#checkSilence(), 2_000)
    signal.addEventListener("abort", () => window.clearInterval(watch))
    this.#connect()
  }

  /** Disconnects. What comes after this is dropped. */
  stop(): void {
    this.#life?.abort()
    this.#life = undefined
    window.clearTimeout(this.#timer)
    this.#leave()
  }

  /** Whether the link is connected, or will be. */
  get isStarted(): boolean {
    return this.#life !== undefined
  }

  /** The subprotocol that the server has chosen. */
  get subprotocol(): string | undefined {
    return this.#socket?.protocol
  }

  /** Connects now, without waiting. */
  retry(): void {
    if (this.#life !== undefined && this.#socket === undefined) this.#connect()
  }

  /** Sends a text. Returns false if there is no connection. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(text)
    return true
  }

  /** Gives up the current connection without waiting for its close, which may never come, and plans the next attempt. */
  drop(reason: string): void {
    if (this.#socket === undefined) return
    this.#leave()
    const wait = backoff(this.#attempt++, Math.random())
    this.#timer = window.setTimeout(() => this.#connect(), wait)
    this.#options.onState({ _tag: "Lost", reason, retryAt: performance.now() + wait })
  }

  #connect(): void {
    const { onMessage, onState, subprotocol, url } = this.#options
    window.clearTimeout(this.#timer)
    onState({ _tag: "Connecting" })
    const socket = new WebSocket(url, subprotocol ?? [])
    socket.binaryType = "arraybuffer"
    this.#socket = socket
    this.#receivedAt = performance.now()
    let wasOpen = false
    socket.onopen = () => {
      wasOpen = true
      onState({ _tag: "Open" })
    }
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      this.#receivedAt = performance.now()
      // A server that accepts connections and closes them at once must not be asked again and again.
      this.#attempt = 0
      onMessage(data)
    }
    socket.onclose = (event) => this.drop(reasonFor(event, wasOpen))
  }

  #leave(): void {
    const socket = this.#socket
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    this.#socket = undefined
  }

  #checkSilence(): void {
    if (document.hidden || this.#socket === undefined) return
    const silence = performance.now() - this.#receivedAt
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      if (silence > OPEN_LIMIT) this.drop("The server does not answer.")
    } else if (silence > (this.#options.silence ?? Number.POSITIVE_INFINITY))
      this.drop("The server does not send anything any more.")
  }
}
