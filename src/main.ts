#!/usr/bin/env node
import * as CompileCache from "./Cli/CompileCache.ts"
import * as HelpFile from "./Cli/Help/HelpFile.ts"

if (!HelpFile.show(process.argv.slice(2), new URL("help.json", import.meta.url))) {
  CompileCache.enable()
  const { main } = await import("./Cli/Main.ts")
  main()
}
