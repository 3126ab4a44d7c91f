/** `doctor`: what this machine can hold. */
import * as Effect from "effect/Effect"
import * as Kind from "../../Text/Kind.ts"
import * as CliCommand from "../CliCommand.ts"
import * as Flag from "../Flag.ts"

const options = {
  clients: Flag.value(
    "clients",
    Kind.whole(1, 10_000_000),
    "The connections that you want to have at one time.",
    "c"
  ).pipe(Flag.withDefault(10_000))
}

export const doctor = CliCommand.make("doctor", options, ({ clients }) =>
  Effect.flatMap(
    Effect.promise(() => import("./DoctorHandler.ts")),
    ({ run }) => run(clients)
  )
)
