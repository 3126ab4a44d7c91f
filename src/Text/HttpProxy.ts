/** Parses the url of an HTTP proxy: `http:`, with a host, and without path and query. `undefined` for anything else. */
export const parse = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isBare = url?.protocol === "http:" && url.hostname !== "" && url.pathname === "/" && url.search === ""
  return isBare ? url : undefined
}
