import * as Schema from "effect/Schema"

/** The agents of a run are not there, or can't run it; `message` is a line for people. */
export class AgentError extends Schema.TaggedError<AgentError>()("AgentError", { message: Schema.String }) {}
