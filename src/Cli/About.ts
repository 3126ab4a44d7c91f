/** What this program is, as `--version` and the files that it writes tell. */
export const about = { name: "effect-c10k", version: "0.2.0" } as const
