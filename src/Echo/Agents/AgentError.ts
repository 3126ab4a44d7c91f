import * as Schema from "effect/Schema"

/** The agents of a run are missing, or cannot run it. `message` is one line for people. */
export class AgentError extends Schema.TaggedError<AgentError>()("AgentError", { message: Schema.String }) {}
