import * as Flag from "../../Flag.ts"

export const options = {
  join: Flag.text(
    "join",
    "URLS",
    "NATS servers, such as nats://host:4222, separated by commas, where `echo --agents` looks for agents."
  ),
  natsCreds: Flag.optionalText("nats-creds", "FILE", "The credentials file for NATS."),
  name: Flag.optionalText(
    "name",
    "NAME",
    "The agent's name in reports. (default: the machine's name and the process's number)"
  ),
  localAddress: Flag.optionalText(
    "local-address",
    "ADDRESSES",
    "Source addresses of this machine, which clients use in turn: a list or a range, such as 127.0.0.1-127.0.0.4."
  )
}

export type AgentOptions = Flag.Given<typeof options>
