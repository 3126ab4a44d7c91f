/** The commands: the words that the user types, and the module of each, which is loaded when it is used. */
export const words = {
  demo: "demo",
  serve: "serve",
  life: "life",
  patterns: "life patterns",
  recordGame: "life record",
  replay: "life replay",
  echo: "echo",
  compare: "echo compare",
  import: "echo import",
  record: "echo record",
  agent: "echo agent"
} as const

export type Name = keyof typeof words

export const modules = {
  demo: async () => (await import("./Demo/Demo.ts")).demo,
  serve: async () => (await import("./Serve/Serve.ts")).serve,
  life: async () => (await import("./Life/Life.ts")).life,
  patterns: async () => (await import("./Patterns/Patterns.ts")).patterns,
  recordGame: async () => (await import("./Recording/Record.ts")).record,
  replay: async () => (await import("./Recording/Replay.ts")).replay,
  echo: async () => (await import("./Echo/Echo.ts")).echo,
  compare: async () => (await import("./Echo/Compare/Compare.ts")).compare,
  import: async () => (await import("./Echo/Import/Import.ts")).importScript,
  record: async () => (await import("./Echo/Record/Record.ts")).record,
  agent: async () => (await import("./Echo/Agents/Agent.ts")).agent
}
