#!/usr/bin/env node
import { main } from "./Cli/Main.ts"

main()
