/** The lobby: cards of the games with names, kept up to date without a reload. */
import { element, setText } from "../Element.ts"
import { describeUniverse, parseUniverse } from "../watch/Model/Universe.ts"
import { loadPatterns, noPatterns } from "../watch/Net/Patterns.ts"

/** Milliseconds between two looks at the list. */
const INTERVAL = 5_000

/** A game as `/games.json` lists it. A node knows the figures only of those games whose clients are connected to it. */
interface Game {
  readonly name: string
  readonly path: string
  readonly width: number
  readonly height: number
  readonly topology?: string
  readonly phase?: "connecting" | "subscribing" | "running"
  readonly step?: number
  readonly rate?: number
  readonly workers?: number
  readonly watchers?: number
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 })
const plural = (count: number, one: string, many = `${one}s`) => `${number.format(count)} ${count === 1 ? one : many}`

const list = element("games", HTMLElement)
const empty = element("empty", HTMLElement)
const newName = element("new-name", HTMLInputElement)
const search = element("search", HTMLInputElement)
const none = element("none", HTMLElement)
const summary = element("summary", HTMLElement)

const textsOf = ({ height, phase, rate, step = -1, topology = "", watchers = 0, width, workers }: Game) => ({
  universe: [`${width} × ${height}`, describeUniverse(parseUniverse(topology))]
    .filter((part) => part !== "")
    .join(" · "),
  clients: workers === undefined ? "" : `${plural(workers, "client")}, ${number.format(watchers)} watching`,
  phase:
    phase === undefined
      ? "on another node"
      : phase !== "running"
        ? phase
        : workers === 0
          ? `ended at step ${number.format(step)}`
          : `step ${number.format(Math.max(0, step))}${rate === undefined ? "" : `, ${number.format(rate)} steps/s`}`
})

class Card {
  readonly element: HTMLElement
  readonly #image: HTMLImageElement | undefined
  #isSeen = false
  #step: number | undefined
  #words = ""
  game: Game

  constructor(game: Game, found: HTMLElement | undefined) {
    this.game = game
    this.element = found ?? document.createElement("li")
    if (found === undefined) {
      this.element.className = "game"
      this.element.setAttribute("data-name", game.name)
      const link = document.createElement("a")
      link.href = game.path
      link.textContent = game.name
      const parts = ["picture", "text"].map((name) => Object.assign(document.createElement("div"), { className: name }))
      const title = document.createElement("h2")
      title.append(link)
      parts[1]!.append(title)
      for (const name of ["clients", "phase", "universe"])
        parts[1]!.append(Object.assign(document.createElement("p"), { className: name }))
      this.element.append(...parts)
    }
    this.#image = this.element.querySelector("img") ?? this.#makeImage()
  }

  #makeImage(): HTMLImageElement | undefined {
    if (this.game.workers === undefined) return undefined
    const image = Object.assign(document.createElement("img"), { alt: "", width: 240, height: 126 })
    this.element.querySelector(".picture")?.append(image)
    return image
  }

  set isSeen(isSeen: boolean) {
    this.#isSeen = isSeen
    this.#draw()
  }

  show(game: Game): void {
    this.game = game
    const texts = textsOf(game)
    // One may write the size as it is written elsewhere.
    this.#words = `${game.name} ${texts.universe} ${game.width}x${game.height} ${texts.phase}`.toLowerCase()
    this.element.setAttribute("data-phase", game.workers === 0 ? "ended" : (game.phase ?? ""))
    for (const name of ["clients", "phase", "universe"] as const) {
      const place = this.element.querySelector(`.${name}`)
      if (place !== null) setText(place, texts[name])
    }
    this.#draw()
  }

  /** Shows or hides the card. Returns whether it is shown. */
  filter(words: ReadonlyArray<string>): boolean {
    const isFound = words.every((word) => this.#words.includes(word))
    if (this.element.hidden === isFound) this.element.hidden = !isFound
    return isFound
  }

  /** Loads the picture if the card is seen and the game has moved on. The server makes it at most once in a second. */
  #draw(): void {
    if (!this.#isSeen || this.#image === undefined || this.#step === this.game.step) return
    this.#step = this.game.step
    this.#image.src = `${this.game.path}picture.png?small&step=${this.game.step ?? ""}`
  }
}

const cards = new Map<string, Card>()
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    const card = cards.get(target.getAttribute("data-name") ?? "")
    if (card !== undefined) card.isSeen = isIntersecting
  }
})

const filter = (): void => {
  const words = search.value.toLowerCase().split(/\s+/)
  const found = [...cards.values()].filter((card) => card.filter(words)).length
  none.hidden = found > 0 || cards.size === 0
}

/** The command that starts a game of the chosen name, as it is called where the server was started. */
let command: string | undefined

const showCommand = (): void => {
  const name = (newName.validity.valid && newName.value) || "first"
  const url = `${location.origin.replace(/^http/, "ws")}/games/${name}/`
  setText(element("command", HTMLElement), `${command ?? noPatterns.command} --url ${url}`)
}

const learnCommand = async (): Promise<void> => {
  command = (await loadPatterns())?.command
  showCommand()
}

const show = (games: ReadonlyArray<Game>): void => {
  const names = new Set(games.map(({ name }) => name))
  for (const [name, card] of cards) {
    if (names.has(name)) continue
    seen.unobserve(card.element)
    card.element.remove()
    cards.delete(name)
  }
  for (const game of games) {
    let card = cards.get(game.name)
    if (card === undefined) {
      const found = list.querySelector<HTMLElement>(`[data-name="${CSS.escape(game.name)}"]`) ?? undefined
      card = new Card(game, found)
      cards.set(game.name, card)
      if (found === undefined) list.append(card.element)
      seen.observe(card.element)
    }
    card.show(game)
  }
  empty.hidden = games.length > 0
  // If the server can't be reached now, the next list asks again.
  if (!empty.hidden && command === undefined) void learnCommand()
  element("find", HTMLElement).hidden = games.length === 0
  const clients = games.reduce((sum, { workers = 0 }) => sum + workers, 0)
  setText(summary, `${plural(games.length, "game")}, ${plural(clients, "WebSocket client")}`)
  filter()
}

const refresh = async (): Promise<void> => {
  if (document.hidden) return
  try {
    // A line that was cut without a word ends nothing.
    const response = await fetch("/games.json", { signal: AbortSignal.timeout(INTERVAL) })
    if (!response.ok) throw new Error()
    const { games }: { readonly games: ReadonlyArray<Game> } = await response.json()
    show(games)
  } catch {
    setText(summary, "The server does not answer. The list is the last one that it sent.")
  }
}

search.addEventListener("input", filter)
newName.addEventListener("input", showCommand)
element("new-game", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault()
  location.href = `/games/${encodeURIComponent(newName.value)}/`
})
document.addEventListener("visibilitychange", () => void refresh())
setInterval(() => void refresh(), INTERVAL)
void refresh()
