/** The parts of a command's help beside its options: examples, the order of the options, and notes. */
import type { HelpEntry } from "./HelpPage.ts"

export interface Topic {
  readonly examples: ReadonlyArray<HelpEntry>
  /** Titles, each with its options by their long names. */
  readonly groups: Readonly<Record<string, ReadonlyArray<string>>>
  readonly notes: ReadonlyArray<string>
}

const example = (term: string, text: string): HelpEntry => ({ term: `effect-c10k ${term}`, text })

const times = "TIME is written 500ms, 30s, 2m or 1h; a bare number is seconds."
const sizes = "SIZE is written 64KiB, 16MiB or 2GiB; a bare number is bytes."

const gameGroups = {
  "The grid and its first step": [
    "size",
    "width",
    "height",
    "pattern",
    "at",
    "rotate",
    "flip",
    "no-center",
    "density",
    "seed",
    "symmetry"
  ],
  "Rule and edges": ["rule", "topology", "no-wrap"],
  "The run": ["steps", "speed", "stop-when", "check", "connect-rate", "give-up"],
  "What comes out": ["output", "save-every", "census", "json", "quiet"]
}

const gameNotes = [`${times} Rules and topologies are written as in Golly: docs/patterns.md.`]

const playing = "With --check: exit status 1 at the first cell that is not as the rule makes it."

export const topics = {
  demo: {
    examples: [
      example("demo", "Kok's galaxy at http://localhost:8000/"),
      example("demo -p gosperglidergun -s 64 -l 10", "a glider gun on 64 x 64 cells, 10 steps a second")
    ],
    groups: { "The server": ["host", "port", "allow-host"], ...gameGroups },
    notes: gameNotes
  },
  serve: {
    examples: [
      example("serve", "a server for this machine, at http://localhost:8000/"),
      example(
        "serve --host 0.0.0.0 --token-file secret --allow-host life.example",
        "for other machines too; players must know the secret"
      ),
      example("serve --processes auto", "a process for each processor, on one port"),
      example("serve --nats nats://localhost:4222", "a node: games are shared with all others, and outlive it")
    ],
    groups: {
      "Where it listens": ["host", "port", "tls-cert", "tls-key", "processes"],
      "Who may do what": [
        "token",
        "token-file",
        "insecure",
        "allow-host",
        "allow-origin",
        "allow-embed",
        "trusted-proxy"
      ],
      Games: [
        "max-cells",
        "max-subscriptions",
        "max-games",
        "max-games-per-token",
        "max-all-cells",
        "game-idle",
        "history"
      ],
      "Limits of all connections": ["max-connections", "max-per-address", "max-pending", "max-memory"],
      "Limits of one connection": [
        "max-rate",
        "max-message",
        "max-fragments",
        "max-header",
        "compress",
        "worker-queue",
        "watcher-queue",
        "handshake-timeout",
        "first-message-timeout",
        "heartbeat",
        "drain"
      ],
      "Nodes that share their games": ["nats", "nats-creds", "nats-prefix", "nats-replicas", "nats-keep", "node"],
      Output: ["log-format", "quiet"]
    },
    notes: [
      `${times} ${sizes}`,
      "The environment stands for options that are not given: EFFECT_C10K_MAX_RATE for --max-rate, and so on. An option that may be repeated takes a list there, with commas.",
      "What happens at each limit: docs/operations.md."
    ]
  },
  life: {
    examples: [
      example("life -p pulsar", "a pulsar, on the server at ws://localhost:8000"),
      example("life -s 100 -n 500 --check", "10,000 cells from a random start, every state checked, 500 steps"),
      example("life -p - -n 10 --output - < glider.rle", "ten steps of a file, as a file"),
      example("life --url ws://localhost:8000/games/mine/", "in the game with the name mine")
    ],
    groups: { "The server": ["url", "token", "ca", "resume"], ...gameGroups },
    notes: [...gameNotes, playing]
  },
  patterns: {
    examples: [example("life patterns", "the list"), example("life patterns show pulsar", "one of them, drawn")],
    groups: {},
    notes: []
  },
  recordGame: {
    examples: [
      example("life record game.c10k", "the game of ws://localhost:8000, to its end"),
      example("life record --until-now game.c10k", "what the server has kept until now")
    ],
    groups: {},
    notes: []
  },
  replay: {
    examples: [
      example("life replay game.c10k", "on a page, at http://localhost:8000/"),
      example("life replay --check game.c10k", "check every cell of every step"),
      example("life replay --to 100 --output step.rle game.c10k", "step 100 as a pattern")
    ],
    groups: {},
    notes: []
  },
  echo: {
    examples: [
      example("echo", "10,000 clients on `effect-c10k serve`, every reply checked"),
      example(
        "echo --url wss://example.com/ws --scenario talk.yaml -c 500 --duration 1m",
        "500 clients hold a conversation of your own for a minute"
      ),
      example(
        "echo --url ws://localhost:9000/ --rate 2000 --duration 1m --threshold 'rtt.p99<50ms'",
        "2,000 messages a second; exit status 99 if a reply in a hundred takes longer than 50 ms"
      ),
      example(
        "echo --url ws://localhost:9000/ --find clients --threshold 'failed.share<1%' --duration 30s",
        "how many clients a server holds"
      )
    ],
    groups: {
      "The server": ["url", "header", "cookie", "subprotocol", "compress", "proxy", "unix-socket"],
      "What clients do": ["scenario", "delay", "message", "timeout", "seed"],
      "How many, and when": ["clients", "ramp", "duration", "rate", "arrivals", "max-clients", "warm-up"],
      "Pass or fail": ["threshold", "abort-on"],
      "Several runs": ["repeat", "find", "find-most", "find-within"],
      "Where the load comes from": ["processes", "agents", "nats", "nats-creds", "local-address", "force"],
      TLS: ["ca", "cert", "key", "servername", "insecure", "tls-resume"],
      Reports: ["json", "csv", "html", "stream", "ui", "plain", "quiet"]
    },
    notes: [
      times,
      "Exit status: 0 all went well, 1 a client failed or an option is wrong, 99 a threshold failed, 130 interrupted.",
      "Scenarios, figures and reports: docs/echo.md."
    ]
  },
  compare: {
    examples: [
      example("echo compare before.json after.json", "two files of `echo --json`"),
      example("echo compare --markdown before.json after.json", "as a table for a pull request")
    ],
    groups: {},
    notes: ["Exit status: 0 nothing got worse, 1 a file is wrong, 99 something got worse."]
  },
  import: {
    examples: [
      example("echo import k6 script.js > talk.yaml", "a script of k6"),
      example("echo import artillery load.yml > talk.yaml", "a script of Artillery")
    ],
    groups: {},
    notes: ["Parts that cannot be converted are listed with their lines, and the exit status is 1."]
  },
  record: {
    examples: [
      example(
        "echo record ws://localhost:9000/chat -o talk.yaml",
        "connect a client to ws://127.0.0.1:8091/ instead; talk.yaml has what it said"
      )
    ],
    groups: {},
    notes: ["Ctrl-C ends it. Exit status: 0 something was recorded, 1 nothing was, or a file or an option is wrong."]
  },
  agent: {
    examples: [example("echo agent --join nats://10.0.0.1:4222", "take part in the runs of `echo --agents` there")],
    groups: {},
    notes: [
      "An agent runs one share at a time, on one processor: start as many as the machine has processors. Ctrl-C ends it."
    ]
  }
} as const satisfies Readonly<Record<string, Topic>>
