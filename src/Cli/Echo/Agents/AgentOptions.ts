import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"

export const options = {
  join: Options.text("join").pipe(
    Options.withDescription("Servers of NATS (nats://host:4222, with commas between) where leaders look for agents.")
  ),
  natsCreds: Options.text("nats-creds").pipe(
    Options.withDescription("File with the credentials for NATS."),
    Options.optional
  ),
  name: Options.text("name").pipe(
    Options.withDescription("What this agent is called in reports. The machine's name and the process unless given."),
    Options.optional
  ),
  localAddress: Options.text("local-address").pipe(
    Options.withDescription(
      "Source addresses of this machine, taken in turn: a list or a range, such as 127.0.0.1-127.0.0.4."
    ),
    Options.optional
  )
}

export type AgentOptions = Command.Command.ParseConfig<typeof options>
