import * as Schema from "effect/Schema"

/** There are too few agents, or an agent cannot run its share. `message` is one line for the user. */
export class AgentError extends Schema.TaggedError<AgentError>()("AgentError", { message: Schema.String }) {}
