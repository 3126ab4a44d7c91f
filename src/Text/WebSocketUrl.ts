/** A WebSocket url without its fragment, or nothing where `text` is none. */
export const parse = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "ws:" && url.protocol !== "wss:") || url.hostname === "") return undefined
  url.hash = ""
  return url
}

/** A path under a url, whether or not that ends in a slash. */
export const under = (base: URL, path: string): URL => new URL(path, base.href.endsWith("/") ? base : `${base.href}/`)
