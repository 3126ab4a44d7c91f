/** The commands: the words that the user types, and the module of each, which is loaded when it is used. */
export const words = {
  demo: "demo",
  serve: "serve",
  life: "life",
  patterns: "life patterns",
  show: "life patterns show",
  recordGame: "life record",
  replay: "life replay",
  echo: "echo",
  compare: "echo compare",
  import: "echo import",
  record: "echo record",
  agent: "echo agent",
  doctor: "doctor"
} as const

export type Name = keyof typeof words

export const modules = {
  demo: async () => (await import("./Demo/Demo.ts")).demo,
  serve: async () => (await import("./Serve/Serve.ts")).serve,
  life: async () => (await import("./Life/Life.ts")).life,
  patterns: async () => (await import("./Patterns/Patterns.ts")).patterns,
  show: async () => (await import("./Patterns/Patterns.ts")).show,
  recordGame: async () => (await import("./Recording/Record.ts")).record,
  replay: async () => (await import("./Recording/Replay.ts")).replay,
  echo: async () => (await import("./Echo/Echo.ts")).echo,
  compare: async () => (await import("./Echo/Compare/Compare.ts")).compare,
  import: async () => (await import("./Echo/Import/Import.ts")).importScript,
  record: async () => (await import("./Echo/Record/Record.ts")).record,
  agent: async () => (await import("./Echo/Agents/Agent.ts")).agent,
  doctor: async () => (await import("./Doctor/Doctor.ts")).doctor
}

export const names = Object.keys(words) as ReadonlyArray<Name>

/** The command with these words. */
export const named = (typed: string): Name | undefined => names.find((name) => words[name] === typed)

/** The next word of the commands under `parent`: `patterns`, `record` and `replay` under `life`. "" is the program. */
export const wordsUnder = (parent: string): ReadonlyArray<string> => {
  const depth = parent === "" ? 0 : parent.split(" ").length
  const under = Object.values(words).filter((typed) => parent === "" || typed.startsWith(`${parent} `))
  return [...new Set(under.map((typed) => typed.split(" ")[depth]!))]
}
