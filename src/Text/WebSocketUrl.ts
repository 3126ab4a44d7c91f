/** Parses a `ws:` or `wss:` url, and removes its fragment. `undefined` for anything else. */
export const parse = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "ws:" && url.protocol !== "wss:") || url.hostname === "") return undefined
  url.hash = ""
  return url
}

/** The url of a path under `base`, whether or not `base` ends in a slash. */
export const under = (base: URL, path: string): URL => new URL(path, base.href.endsWith("/") ? base : `${base.href}/`)
