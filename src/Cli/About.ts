/** The name and version of this program, for `--version` and for the files that it writes. */
export const about = { name: "effect-c10k", version: "0.2.0" } as const
