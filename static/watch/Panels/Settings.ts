/** Applies the viewer's preferences to the page and stores them. */
import { element } from "../../Element.ts"
import type { Preferences } from "../Model/Preferences.ts"
import { CALM_INTERVAL, load, rates, save } from "../Model/Preferences.ts"
import { readBackdrop } from "../Stage/Backdrop.ts"
import type { Options } from "../Stage/Display.ts"
import type { Scheme } from "../Stage/Themes.ts"
import { themeNamed, themes } from "../Stage/Themes.ts"

/**
 * Whether the system asks for something. It is read once, and then the events say it: Chromium has no event for a change if `matches`
 * was read between the change and the next frame.
 */
class SystemPreference {
  isSet: boolean

  constructor(query: string, onChange: () => void) {
    const list = window.matchMedia(query)
    this.isSet = list.matches
    list.addEventListener("change", ({ matches }) => {
      this.isSet = matches
      onChange()
    })
  }
}

export class Settings {
  /** Called after every change, including changes of the system's settings. */
  onChange: () => void = () => {}
  readonly #dark = new SystemPreference("(prefers-color-scheme: dark)", () => this.#apply())
  readonly #still = new SystemPreference("(prefers-reduced-motion: reduce)", () => this.#apply())
  #preferences = load()
  /** The theme of a link. It applies to this visit until the viewer chooses another. */
  #linkedTheme: string | undefined
  /** A theme that is shown for a while. */
  #lentTheme: string | undefined
  readonly #scheme = element("scheme", HTMLSelectElement)
  readonly #theme = element("theme", HTMLSelectElement)
  readonly #rate = element("rate", HTMLSelectElement)
  readonly #cells = element("cells", HTMLSelectElement)

  constructor() {
    this.#theme.append(...themes.map(({ label, name }) => new Option(label, name)))
    this.#rate.append(...rates.map(({ label, rate }) => new Option(label, String(rate))))
    this.#scheme.addEventListener("change", () => {
      const appearance = this.#scheme.value
      this.update({ appearance: appearance === "light" || appearance === "dark" ? appearance : "system" })
    })
    this.#theme.addEventListener("change", () => this.update({ theme: this.#theme.value }))
    this.#rate.addEventListener("change", () =>
      this.update({ rate: rates.find(({ rate }) => String(rate) === this.#rate.value)?.rate ?? "game" })
    )
    this.#cells.addEventListener("change", () => this.update({ isWhole: this.#cells.value === "whole" }))
    this.#apply()
  }

  get preferences(): Preferences {
    return this.#preferences
  }

  /** Shows the theme of a link without changing the stored preference. */
  followTheme(theme: string): void {
    this.#linkedTheme = theme
    this.#apply()
  }

  get #themeName(): string {
    return this.#lentTheme ?? this.#linkedTheme ?? this.#preferences.theme
  }

  get scheme(): Scheme {
    const { appearance } = this.#preferences
    return appearance === "system" ? (this.#dark.isSet ? "dark" : "light") : appearance
  }

  /** Milliseconds between frames. Viewers who prefer reduced motion get at most the calm rate. */
  get interval(): number {
    const { rate } = this.#preferences
    const interval = rate === "game" ? 0 : rate
    return this.#still.isSet ? Math.max(CALM_INTERVAL, interval) : interval
  }

  get options(): Options {
    const { hasLines, isRepeated } = this.#preferences
    return {
      theme: themeNamed(this.#themeName),
      scheme: this.scheme,
      interval: this.interval,
      isGuarded: this.#preferences.rate === "game",
      hasLines,
      isRepeated,
      isStill: this.#still.isSet,
      backdrop: readBackdrop()
    }
  }

  /** Shows another theme for a while; `undefined`: no longer. A theme that the viewer chooses meanwhile stays. */
  lend(theme: string | undefined): void {
    if (theme === this.#lentTheme) return
    this.#lentTheme = theme
    this.#apply()
  }

  update(change: Partial<Preferences>): void {
    if (change.theme !== undefined) this.#linkedTheme = this.#lentTheme = undefined
    this.#preferences = { ...this.#preferences, ...change }
    save(this.#preferences)
    this.#apply()
  }

  nextTheme(): void {
    const index = themes.findIndex(({ name }) => name === this.options.theme.name)
    this.update({ theme: themes[(index + 1) % themes.length]!.name })
  }

  /** Draws more often (1) or less (-1). */
  shiftRate(by: 1 | -1): void {
    const index = rates.findIndex(({ rate }) => rate === this.#preferences.rate)
    const chosen = rates[Math.min(Math.max(0, index + by), rates.length - 1)]!
    this.update({ rate: chosen.rate })
  }

  #apply(): void {
    const { appearance } = this.#preferences
    if (appearance === "system") document.documentElement.removeAttribute("data-scheme")
    else document.documentElement.setAttribute("data-scheme", appearance)
    this.#scheme.value = appearance
    this.#theme.value = themeNamed(this.#themeName).name
    this.#cells.value = this.#preferences.isWhole ? "whole" : "newest"
    this.#rate.value = String(this.#preferences.rate)
    for (const option of this.#rate.options) option.disabled = this.#still.isSet && Number(option.value) < CALM_INTERVAL
    this.onChange()
  }
}
