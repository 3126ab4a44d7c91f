#!/usr/bin/env node
import * as CompileCache from "./Cli/CompileCache.ts"
import * as HelpFile from "./Cli/Help/HelpFile.ts"
import * as YoungGeneration from "./Cli/YoungGeneration.ts"

if (!HelpFile.show(process.argv.slice(2), new URL("help.json", import.meta.url))) {
  CompileCache.enable()
  if (process.argv[2] === "serve") {
    YoungGeneration.pin()
    // Read at once with the command line, and not after it. They are imported again when they are needed, which reports a failure.
    import("./Cli/Serve/ServeOptions.ts").catch(() => {})
    import("./Cli/Serve/ServeHandler.ts").catch(() => {})
  }
  const { main } = await import("./Cli/Main.ts")
  main()
}
