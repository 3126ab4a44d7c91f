#!/usr/bin/env node
import * as CompileCache from "./Cli/CompileCache.ts"
import * as HelpFile from "./Cli/Help/HelpFile.ts"
import * as YoungGeneration from "./Cli/YoungGeneration.ts"

if (!HelpFile.show(process.argv.slice(2), new URL("help.json", import.meta.url))) {
  CompileCache.enable()
  const isServe = process.argv[2] === "serve"
  if (isServe) YoungGeneration.pin()
  const { main } = await (isServe ? import("./Cli/Serve/Start.ts") : import("./Cli/Main.ts"))
  main()
}
