/** The methods that a path has, for the answer 405 to any other. Apart from `Pages`, which has no need to know the router of paths. */
import * as FindMyWay from "find-my-way-ts"

export type MethodsOf = (path: string) => ReadonlyArray<string>

const methods = ["GET", "POST"] as const

/** A path with GET has HEAD too. */
export const make = (routes: Iterable<{ readonly method: string; readonly path: string }>): MethodsOf => {
  const known = FindMyWay.make<true>()
  for (const { method, path } of routes)
    for (const each of methods) if (method === each) known.on(each, path as `/${string}`, true)
  return (path) =>
    methods.flatMap((method) => {
      if (known.find(method, path) === undefined) return []
      return method === "GET" ? ["GET", "HEAD"] : [method]
    })
}
