#!/usr/bin/env node
import * as CompileCache from "./Cli/CompileCache.ts"

CompileCache.enable()
const { main } = await import("./Cli/Main.ts")
main()
