/** The parts of a command's help that do not come from its options: examples and notes. */
import type { HelpEntry } from "./HelpPage.ts"

export interface Topic {
  readonly examples: ReadonlyArray<HelpEntry>
  readonly notes?: ReadonlyArray<string>
}

const example = (term: string, text: string): HelpEntry => ({ term: `effect-c10k ${term}`, text })

const TIMES = "TIME is a time such as 500ms, 30s, 2m or 1h; a number without a unit is in seconds."
const SIZES = "SIZE is a size such as 64KiB, 16MiB or 2GiB; a number without a unit is in bytes."

const gameNotes = [`${TIMES} Rules and topologies use Golly's notation: docs/patterns.md.`]

const PLAYING =
  "Exit status: 0 success, 1 failure, a wrong option, or a wrong cell with --check, 130 interrupted by Ctrl-C."

export const topics = {
  demo: {
    examples: [
      example("demo", "Kok's galaxy at http://localhost:8000/"),
      example("demo --games", "several games in turn, to leave open"),
      example("demo -p gosper -s 64 -l 10", "a glider gun on 64 x 64 cells with 10 steps per second")
    ],
    notes: gameNotes
  },
  serve: {
    examples: [
      example("serve", "a server for this machine, at http://localhost:8000/"),
      example(
        "serve --host 0.0.0.0 --token-file secret --allow-host life.example",
        "a server for other machines too; players need the secret"
      ),
      example("serve --processes auto", "one process per processor, all on the same port"),
      example(
        "serve --nats nats://localhost:4222",
        "a node of several servers; NATS keeps the games, which all nodes share"
      )
    ],
    notes: [
      `${TIMES} ${SIZES}`,
      "All options except --quiet can also be given in the environment: EFFECT_C10K_MAX_RATE for --max-rate, and so on. The command line overrides it. A repeatable option is a list there, separated by commas.",
      "docs/operations.md describes what happens at each limit."
    ]
  },
  life: {
    examples: [
      example("life -p pulsar", "a pulsar on the server at ws://localhost:8000"),
      example("life -s 100 -n 500 --check", "10,000 cells from a random start, every state checked, 500 steps"),
      example("life -p - -n 10 --output - < glider.rle", "read a pattern, make ten steps, and write the result"),
      example("life --url ws://localhost:8000/games/mine/", "play in the game named mine")
    ],
    notes: [...gameNotes, PLAYING]
  },
  patterns: {
    examples: [example("life patterns", "list all patterns")]
  },
  show: {
    examples: [example("life patterns show pulsar", "draw the pulsar")]
  },
  recordGame: {
    examples: [
      example("life record game.c10k", "record the game of ws://localhost:8000 until it ends"),
      example("life record --until-now game.c10k", "record what the server has kept until now")
    ]
  },
  replay: {
    examples: [
      example("life replay game.c10k", "show the recording on a page at http://localhost:8000/"),
      example("life replay --check game.c10k", "check every cell of every step"),
      example("life replay --to 100 --output step.rle game.c10k", "write step 100 as a pattern")
    ]
  },
  echo: {
    examples: [
      example("echo", "10,000 clients on `effect-c10k serve`; every reply is checked"),
      example(
        "echo --url wss://example.com/ws --scenario talk.yaml -c 500 --duration 1m",
        "500 clients repeat your own conversation for a minute"
      ),
      example(
        "echo --url ws://localhost:9000/ --rate 2000 --duration 1m --threshold 'rtt.p99<50ms'",
        "2,000 messages per second; exit status 99 if the 99th percentile of the round trip is 50 ms or more"
      ),
      example(
        "echo --url ws://localhost:9000/ --find clients --threshold 'failed.share<1%' --duration 30s",
        "find how many clients a server can hold"
      )
    ],
    notes: [
      TIMES,
      "Exit status: 0 success, 1 a client failed or an option is wrong, 99 a threshold failed, 130 interrupted.",
      "docs/echo.md describes scenarios, figures and reports."
    ]
  },
  compare: {
    examples: [
      example("echo compare before.json after.json", "compare two files of `echo --json`"),
      example("echo compare --markdown before.json after.json", "write a table for a pull request")
    ],
    notes: ["Exit status: 0 nothing got worse, 1 a file is wrong, 99 something got worse."]
  },
  import: {
    examples: [
      example("echo import k6 script.js > talk.yaml", "convert a script of k6"),
      example("echo import artillery load.yml > talk.yaml", "convert a script of Artillery")
    ],
    notes: ["Parts that cannot be converted are listed with their lines, and the exit status is 1."]
  },
  record: {
    examples: [
      example(
        "echo record ws://localhost:9000/chat -o talk.yaml",
        "connect your client to ws://127.0.0.1:8091/ instead; its messages are written to talk.yaml"
      )
    ],
    notes: ["Ctrl-C ends it. Exit status: 0 something was recorded, 1 nothing was, or a file or an option is wrong."]
  },
  doctor: {
    examples: [
      example("doctor", "check the limits of this machine for 10,000 connections"),
      example("doctor -c 100000", "the same for 100,000 connections")
    ],
    notes: ["Exit status: 0 the machine can hold them, 1 a limit is too low."]
  },
  agent: {
    examples: [
      example("echo agent --join nats://10.0.0.1:4222", "wait for runs of `echo --agents` that use this NATS server")
    ],
    notes: [
      "An agent runs one share at a time, on one processor: start as many as the machine has processors. Ctrl-C ends it."
    ]
  }
} as const satisfies Readonly<Record<string, Topic>>
