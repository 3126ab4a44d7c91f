/** The commands in a line each. */
export const descriptions = {
  demo: "Run the server and a game on it in one command, to watch and control in a browser. Without a pattern: Kok's galaxy",
  serve: "Run the relay server: registry, startup barrier, relay and pages",
  life: "Run a Game of Life in which every cell is a WebSocket client of a relay server",
  patterns: "List the library: name, size, kind, period or lifespan, title; `show NAME` draws one",
  show: "Draw a pattern of the library in the terminal, with what is known of it",
  recordGame: "Record the game of a server to a file, from as far back as the server keeps it until it ends",
  replay: "Play a recorded game again: on a page, as a pattern of one step, or under the referee (--check)",
  echo: "Load a WebSocket server with clients that check every reply, and report how it held up",
  compare: "Compare two runs of echo figure by figure, and mark what is more than chance",
  import: "Make a scenario of a script of Artillery or k6",
  record: "Record what a client and a server say to each other as a scenario: a proxy between them",
  agent: "Run shares of the load of `echo --agents`, on as many machines as join"
} as const
