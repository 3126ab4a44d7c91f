import type * as Command from "@effect/cli/Command"
import * as OptionKinds from "../../OptionKinds.ts"

export const options = {
  join: OptionKinds.text(
    "join",
    "URLS",
    "NATS servers, such as nats://host:4222, separated by commas, where `echo --agents` looks for agents."
  ),
  natsCreds: OptionKinds.optionalText("nats-creds", "FILE", "The credentials file for NATS."),
  name: OptionKinds.optionalText(
    "name",
    "NAME",
    "The agent's name in reports. (default: the machine's name and the process's number)"
  ),
  localAddress: OptionKinds.optionalText(
    "local-address",
    "ADDRESSES",
    "Source addresses of this machine, which clients use in turn: a list or a range, such as 127.0.0.1-127.0.0.4."
  )
}

export type AgentOptions = Command.Command.ParseConfig<typeof options>
