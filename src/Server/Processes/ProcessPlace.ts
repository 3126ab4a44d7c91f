/** Which of several processes this one is. The supervisor passes it in the environment. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const VARIABLE = "EFFECT_C10K_PROCESS"

export class ProcessPlace extends Schema.Class<ProcessPlace>("ProcessPlace")({
  /** The number of the process, from 1. */
  number: Schema.Int,
  of: Schema.Int,
  /** The port to listen on. With port 0, the first process tells the others which port it got. */
  port: Schema.Int
}) {
  /** None in a process that was not started by a supervisor. */
  static readonly config: Config.Config<Option.Option<ProcessPlace>> = Config.option(Config.string(VARIABLE)).pipe(
    Config.map(Option.filter(() => process.send !== undefined)),
    Config.mapOrFail((text) =>
      Either.mapLeft(Either.transposeOption(Option.map(text, decode)), () =>
        ConfigError.InvalidData([VARIABLE], "expected the value that a supervisor sets: unset the variable")
      )
    )
  )

  get environment(): Readonly<Record<string, string>> {
    return { [VARIABLE]: Schema.encodeSync(json)(this) }
  }
}

const json = Schema.parseJson(ProcessPlace)
const decode = Schema.decodeEither(json)
