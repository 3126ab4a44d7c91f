/**
 * A file of its own because the build uses it too (`scripts/pages.ts`). Bundles a page's TypeScript into the one script that a
 * browser loads, and its sheets into one. The build bundles every page into `dist/static/`. A server that runs from the source bundles
 * a page at each request, so that a reload shows the newest version.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { messageOf } from "../../Text/Thrown.ts"

/** esbuild's options for both. The script is a file and not inline, as the content security policy demands. */
export const options = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none"
} as const

/** The page's script, or its sheet, has errors. `message` has a line for each, with its position. */
export class PageBundleError extends Schema.TaggedError<PageBundleError>()("PageBundleError", {
  message: Schema.String
}) {}

/** The script of the page whose TypeScript is the file `entry`, or its sheet. */
export const bundle = Effect.fn("PageBundle.bundle")(function* (entry: string) {
  const { build } = yield* Effect.promise(() => import("esbuild"))
  const { outputFiles } = yield* Effect.tryPromise({
    try: () => build({ ...options, entryPoints: [entry], write: false, logLevel: "silent" }),
    catch: (cause) => new PageBundleError({ message: messageOf(cause) })
  })
  return outputFiles.map(({ text }) => text).join("")
})
