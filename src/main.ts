#!/usr/bin/env node
import * as CompileCache from "./Cli/CompileCache.ts"
import * as HelpFile from "./Cli/Help/HelpFile.ts"
import * as YoungGeneration from "./Cli/YoungGeneration.ts"

const given = process.argv.slice(2)

if (!HelpFile.show(given, new URL("help.json", import.meta.url))) {
  CompileCache.enable()
  // The bundle of `serve` has no help.
  const isServe = given[0] === "serve" && !given.includes("--help") && !given.includes("-h")
  if (isServe) YoungGeneration.pin()
  const { main } = await (isServe ? import("./Cli/Serve/Start.ts") : import("./Cli/Main.ts"))
  main()
}
