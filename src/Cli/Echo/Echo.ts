import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as CliCommand from "../CliCommand.ts"
import * as Flag from "../Flag.ts"
import { options } from "./EchoOptions.ts"

/** The URL may be written without `--url`. */
const target = Flag.optionalArgument("url", "The server to connect to: the same as --url.")

/** `effect-c10k echo`. The load tester itself is loaded when it is used, so that other commands start fast. */
export const echo = CliCommand.make("echo", { target, ...options }, ({ target, ...given }) =>
  Effect.flatMap(
    Effect.promise(() => import("./EchoHandler.ts")),
    ({ run }) => run({ ...given, urls: [...Option.toArray(target), ...given.urls] })
  )
)
