/** A script of the page that is loaded when it is first needed. */

export class Script<A> {
  readonly #path: string
  #loaded: Promise<A> | undefined
  #attempt = 0

  /** `path` is below `/static/watch/`. */
  constructor(path: string) {
    this.#path = path
  }

  load(): Promise<A> {
    this.#loaded ??= this.#import()
    return this.#loaded
  }

  /** Browsers remember that a script could not be loaded, so it is asked for by another address then. */
  async #import(): Promise<A> {
    const query = this.#attempt++ === 0 ? "" : `?again=${this.#attempt}`
    try {
      return await import(`/static/watch/${this.#path}${query}`)
    } catch {
      this.#loaded = undefined
      throw new Error("There is no connection to the server now, and this part of the page is not loaded yet.")
    }
  }
}
