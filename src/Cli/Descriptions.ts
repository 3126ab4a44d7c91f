/** A description of each command in one line. */
export const descriptions = {
  root: "A WebSocket relay server, a Game of Life in which every cell is a WebSocket client, and a load tester that checks every reply.",
  demo: "Run a server and a game in one command, and watch and control the game in a browser",
  serve: "Run the relay server and its pages",
  life: "Play the Game of Life on a relay server: every cell is a WebSocket client",
  patterns: "List the pattern library",
  show: "Draw a pattern of the library in the terminal, with its period, speed and author",
  recordGame: "Record a server's game to a file, from the oldest step that the server keeps until the game ends",
  replay: "Show a recorded game on a page, write one of its steps, or check it",
  echo: "Load-test a WebSocket server with clients that check every reply, and report the results",
  compare: "Compare two runs of echo figure by figure, and mark the differences that are more than chance",
  import: "Convert a script of k6 or Artillery to a scenario, on standard output",
  record: "Record the messages between a client and a server as a scenario, with a proxy between them",
  agent: "Run a share of the load of `echo --agents`, usually on another machine",
  doctor: "Report how many connections this machine can hold, and how to raise its limits"
} as const
