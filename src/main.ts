#!/usr/bin/env node
console.log("effect-c10k")
