// Which part may import which: Cli -> Server, Life, Echo -> WebSocket, Log, Protocol.

const nodeCore = ["core"]
/** What talks to sockets, files or the system. */
const impurePackages = "node_modules/(ws|@effect/platform-node|@effect/platform-node-shared)/"
/** The modules of src/Life that bring the game to sockets, files and the console. */
const lifeEdge =
  "^src/Life/(Game/[^/]*(Driver|Transport|Game|Link|PacedCells|CellConnector)[^/]*|Pattern/PatternLibrary)[.]ts$"

/**
 * The rooms of each part, the lowest first: a room imports those before it, never those after it. What lies beside the
 * rooms of a part composes them, but for the settings that all of them read.
 */
const rooms = {
  WebSocket: ["Frames", "Conversation", "Connection", "Topic", "Http", "Client", "Api"],
  Life: ["Universe", "Pattern", "Game", "Referee"],
  Echo: ["Measure", "Scenario", "K6", "Load", "Agents", "Report"],
  Server: ["Operations", "Processes", "Access", "Game", "Watch", "History", "Games", "Pages"],
  Cli: ["Game", "Patterns", "Serve", "Life", "Recording", "Echo", "Demo", "Doctor", "Help", "Completions"]
}

const roomDirections = Object.entries(rooms).flatMap(([part, names]) =>
  names.map((name, at) => ({
    name: `${part}-${name}-direction`.toLowerCase(),
    comment: `In src/${part} imports go from later to earlier rooms: ${names.join(", ")}.`,
    severity: "error",
    from: { path: `^src/${part}/${name}/` },
    to: {
      path: [
        ...names.slice(at + 1).map((later) => `^src/${part}/${later}/`),
        `^src/${part}/(RelayServer|GameEndpoints|HistoryEndpoints)[.]ts$`
      ]
    }
  }))
)

/** The rooms of the watch page, the lowest first; `main.ts` beside them connects the parts. */
const pageRooms = ["Net", "Model", "Stage", "Instruments", "Panels"]

const pageDirections = pageRooms.map((name, at) => ({
  name: `page-${name}-direction`.toLowerCase(),
  comment: `In static/watch imports go from later to earlier rooms: ${pageRooms.join(", ")}.`,
  severity: "error",
  from: { path: `^static/watch/${name}/` },
  to: { path: [...pageRooms.slice(at + 1).map((later) => `^static/watch/${later}/`), "^static/watch/[^/]+[.]ts$"] }
}))

const everyFileHasARoom = {
  name: "every-file-has-a-room",
  comment: "Few files lie beside the rooms: those that compose them.",
  severity: "error",
  from: {},
  to: { path: ["^src/(WebSocket|Life|Echo)/[^/]+[.]ts$", "^static/watch/[^/]+[.]ts$"] }
}

/** @type {import("dependency-cruiser").IConfiguration} */
const configuration = {
  forbidden: [
    ...roomDirections,
    ...pageDirections,
    everyFileHasARoom,
    {
      name: "no-cycles",
      comment: "Modules that import each other cannot be understood, or tested, one by one.",
      severity: "error",
      from: {},
      to: { circular: true }
    },
    {
      name: "foundation-knows-no-part",
      comment: "WebSocket, Log, Protocol, Text and Time are what the parts share.",
      severity: "error",
      from: { path: "^src/(WebSocket|Log|Protocol|Text|Time)/" },
      to: { path: "^src/(Server|Life|Echo|Cli|main)" }
    },
    {
      name: "log-alone",
      comment: "A log knows nothing of WebSockets, nor of what its entries mean.",
      severity: "error",
      from: { path: "^src/Log/" },
      to: { path: "^src/(WebSocket|Protocol)/" }
    },
    {
      name: "text-alone",
      comment: "How people write and read things: it knows nothing of what that is for.",
      severity: "error",
      from: { path: "^src/Text/" },
      to: { path: ["^src/(?!Text/|Time/)", impurePackages], dependencyTypesNot: ["type-only"] }
    },
    {
      name: "time-alone",
      comment: "Timers know nothing of what they are for.",
      severity: "error",
      from: { path: "^src/Time/" },
      to: { path: ["^src/(?!Time/)", impurePackages] }
    },
    {
      name: "nats-in-two-modules",
      comment: "The packages of NATS are optional: they are loaded when a server is named, and their types do no harm.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/Log/NatsConnection[.]ts$" },
      to: { path: "node_modules/@nats-io/", dependencyTypesNot: ["type-only"] }
    },
    {
      name: "parts-apart",
      comment: "Server, Life and Echo are separate programs that meet on the wire only; the Cli composes them.",
      severity: "error",
      from: { path: "^src/(Server|Life|Echo)/" },
      to: { path: "^src/(Server|Life|Echo|Cli|main)", pathNot: "^src/$1/" }
    },
    {
      name: "protocol-pure",
      comment: "Messages are values: pages and tests use them without a socket, and in a browser.",
      severity: "error",
      from: { path: "^src/Protocol/" },
      to: { path: ["^src/WebSocket/", impurePackages] }
    },
    {
      name: "protocol-pure-of-node",
      severity: "error",
      from: { path: "^src/Protocol/" },
      to: { dependencyTypes: nodeCore }
    },
    {
      name: "game-pure",
      comment: "The game is pure; only its driver, transports and pattern library reach the world.",
      severity: "error",
      from: { path: "^src/Life/", pathNot: lifeEdge },
      to: { path: ["^src/WebSocket/", impurePackages, lifeEdge] }
    },
    {
      name: "game-pure-of-node",
      severity: "error",
      from: { path: "^src/Life/", pathNot: lifeEdge },
      to: { dependencyTypes: nodeCore }
    },
    {
      name: "pages-run-in-browsers",
      comment: "A page may share what is pure: messages, the game, and the charts of a report.",
      severity: "error",
      from: { path: "^static/" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/(Protocol|Life|Text)/",
          "^src/WebSocket/(Client|Conversation)/",
          "^src/Echo/Report/(OverTime|ChartCursor)[.]ts$"
        ]
      }
    },
    {
      name: "pages-run-in-browsers-without-node",
      severity: "error",
      from: { path: "^static/" },
      to: { dependencyTypes: nodeCore }
    },
    {
      name: "pages-not-the-edge-of-the-game",
      severity: "error",
      from: { path: "^static/" },
      to: { path: lifeEdge }
    },
    {
      name: "ships-what-it-imports",
      comment:
        "A user's install has no devDependencies. (esbuild: for the pages, in development only. Scenarios and scripts are read by the bundle of the commands, which has its parsers.)",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(Cli/|Echo/(?:Scenario|K6)/|main[.]ts)" },
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["npm", "npm-peer", "type-only"],
        pathNot: "node_modules/esbuild/"
      }
    },
    {
      name: "commands-bring-their-own",
      comment: "The bundle of the commands holds @effect/cli; who imports the library need not install it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(Cli/|main[.]ts)" },
      to: { path: "node_modules/@effect/cli/" }
    },
    {
      name: "source-alone",
      comment: "Tests, benchmarks and scripts use the source, never the other way round.",
      severity: "error",
      from: { path: "^(src|static)/" },
      to: { path: "^(test|bench|scripts)/" }
    },
    {
      name: "chaos-by-itself",
      comment: "`npm run chaos` is started without vitest, whose modules can't be loaded then.",
      severity: "error",
      from: { path: "^test/Chaos/main[.]ts$" },
      to: { path: "node_modules/(@effect/)?vitest/", reachable: true }
    },
    {
      name: "resolvable",
      comment: "(The benchmark installs the packages of its peers itself.)",
      severity: "error",
      from: { pathNot: "^bench/peers/" },
      to: { couldNotResolve: true }
    }
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    // Imports of types count: a part that knows another's types knows that part.
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] }
  }
}

export default configuration
