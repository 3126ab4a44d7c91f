/**
 * How a page's TypeScript becomes the one script that a browser loads. The build bundles every page into `dist/static/`; a
 * server that runs from the source bundles a page when it is asked for, so that a reload shows the newest.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** esbuild's options for both. One file, beside its page: nothing inline, as the content security policy asks. */
export const options = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none"
} as const

/** The page's script has mistakes; `message` has a line for each, with its place. */
export class PageBundleError extends Schema.TaggedError<PageBundleError>()("PageBundleError", {
  message: Schema.String
}) {}

/** The script of the page whose TypeScript is the file `entry`. */
export const bundle = Effect.fn("PageBundle.bundle")(function* (entry: string) {
  const { build } = yield* Effect.promise(() => import("esbuild"))
  const { outputFiles } = yield* Effect.tryPromise({
    try: () => build({ ...options, entryPoints: [entry], write: false, logLevel: "silent" }),
    catch: (cause) => new PageBundleError({ message: cause instanceof Error ? cause.message : String(cause) })
  })
  return outputFiles.map(({ text }) => text).join("")
})
