/**
 * The parameters in the query of a request's url. The client chose the url, so it may be invalid (`http://[bad/?a=1`),
 * for which `new URL` would throw.
 */
export const queryOf = (url: string): URLSearchParams => {
  const at = url.indexOf("?")
  return new URLSearchParams(at < 0 ? "" : url.slice(at + 1))
}
