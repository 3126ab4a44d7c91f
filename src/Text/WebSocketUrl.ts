/** Parses a `ws:` or `wss:` url, and removes its fragment. `undefined` for anything else. */
export const parse = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "ws:" && url.protocol !== "wss:") || url.hostname === "") return undefined
  url.hash = ""
  return url
}

/** The url of a path under `base`, whether or not `base` ends in a slash. */
export const under = (base: URL, path: string): URL => new URL(path, base.href.endsWith("/") ? base : `${base.href}/`)

/** What is expected in place of `text`, for messages: with the url that was probably meant, if there is one. */
export const expected = (text: string, example = "ws://localhost:8000"): string => {
  const [, scheme, rest = text] = /^(https?):\/\/(.*)$/is.exec(text.trim()) ?? []
  // Without a scheme, `localhost:9000` parses as a url of the scheme `localhost`.
  const isAddress = scheme !== undefined || /^(\[[\da-f:]+\]|[\w.-]+)(:\d{1,5})?(\/.*)?$/i.test(rest)
  const meant = `${scheme?.toLowerCase() === "https" ? "wss" : "ws"}://${rest}`
  return isAddress && parse(meant) !== undefined && /[.:]|^localhost/.test(rest)
    ? `expected a WebSocket URL; did you mean ${meant}?`
    : `expected a WebSocket URL, such as ${example}, with a port up to 65535`
}
