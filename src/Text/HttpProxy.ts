/** The url of a proxy that speaks HTTP, or nothing where `text` is none. */
export const parse = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isBare = url?.protocol === "http:" && url.hostname !== "" && url.pathname === "/" && url.search === ""
  return isBare ? url : undefined
}
