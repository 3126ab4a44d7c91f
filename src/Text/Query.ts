/** The query of a request's url. A url may be no valid one (`http://[bad/?a=1`): `new URL` would throw, and the client chose it. */
export const queryOf = (url: string): URLSearchParams => {
  const at = url.indexOf("?")
  return new URLSearchParams(at < 0 ? "" : url.slice(at + 1))
}
