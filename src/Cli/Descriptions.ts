/** The commands in a line each. */
export const descriptions = {
  root: "A WebSocket relay server, a Game of Life in which every cell is a WebSocket client, and a load tester that checks every reply.",
  demo: "Run the server and a game in one command, to watch and to steer in a browser",
  serve: "Run the relay server, with its pages",
  life: "Play the Game of Life on a relay server: every cell is a WebSocket client",
  patterns: "List the pattern library",
  show: "Draw a pattern of the library in the terminal, with what is known of it",
  recordGame: "Record a server's game to a file, from as far back as the server keeps it until the game ends",
  replay: "Show a recorded game on a page, write a step of it, or check it",
  echo: "Load a WebSocket server with clients that check every reply, and report how it held up",
  compare: "Compare two runs of echo figure by figure, and mark what is more than chance",
  import: "Convert a script of k6 or Artillery to a scenario, on standard output",
  record: "Record what a client and a server say to each other as a scenario: a proxy between them",
  agent: "Run a share of the load of `echo --agents`, on another machine"
} as const
