import * as Kind from "../../Text/Kind.ts"
import * as Flag from "../Flag.ts"

export const options = {
  clients: Flag.value(
    "clients",
    Kind.whole(1, 10_000_000),
    "The connections that you want to have at one time.",
    "c"
  ).pipe(Flag.withDefault(10_000))
}
