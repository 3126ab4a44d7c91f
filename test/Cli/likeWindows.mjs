// @ts-check
/**
 * Takes from Node what Windows does not have: the files of Linux's `/proc`, users, most signals, and ports that several processes listen on. Loaded with
 * `node --import` before the program.
 */
import fs from "node:fs"
import { createRequire, syncBuiltinESMExports } from "node:module"
import os from "node:os"

Object.defineProperty(process, "platform", { value: "win32" })
for (const name of /** @type {const} */ (["getuid", "geteuid", "getgid", "getegid", "getgroups", "setuid", "setgid"]))
  Object.defineProperty(process, name, { value: undefined })
os.platform = () => "win32"
os.type = () => "Windows_NT"

/** @param {unknown} path */
const isOfLinux = (path) => /^(\/proc|\/sys|\/dev|\/etc)\//.test(String(path))
/** @param {unknown} path */
const missing = (path) =>
  Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT", errno: -4058, path })

for (const name of ["readFile", "readdir", "open", "stat", "access", "readlink"]) {
  const promises = /** @type {any} */ (fs.promises)
  const before = promises[name]
  /** @param {readonly [unknown, ...unknown[]]} args */
  promises[name] = async (...args) => {
    if (isOfLinux(args[0])) throw missing(args[0])
    return before(...args)
  }
}
for (const name of ["readFileSync", "readdirSync", "openSync", "statSync", "accessSync", "readlinkSync"]) {
  const sync = /** @type {any} */ (fs)
  const before = sync[name]
  /** @param {readonly [unknown, ...unknown[]]} args */
  sync[name] = (...args) => {
    if (isOfLinux(args[0])) throw missing(args[0])
    return before(...args)
  }
}

const signals = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK", "SIGKILL", "SIGWINCH"])
const emitter = /** @type {any} */ (process)
const on = emitter.on.bind(process)
/** @param {string} event @param {unknown} listener */
emitter.on = (event, listener) => {
  if (/^SIG/.test(event) && !signals.has(event)) throw new Error(`uv_signal_start EINVAL: ${event}`)
  return on(event, listener)
}

const net = createRequire(import.meta.url)("node:net")
const listen = net.Server.prototype.listen
/** @param {readonly any[]} args */
net.Server.prototype.listen = function (...args) {
  if (args[0]?.reusePort === true) throw Object.assign(new Error("listen ENOTSUP"), { code: "ENOTSUP" })
  return listen.apply(this, args)
}

const processes = /** @type {any} */ (createRequire(import.meta.url)("node:child_process"))
const spawn = processes.spawn
/** @param {string} file @param {readonly any[]} rest */
processes.spawn = (file, ...rest) =>
  spawn(/^(systemd-notify|sh|prlimit)$/.test(file) ? `${file}-is-not-on-windows` : file, ...rest)

syncBuiltinESMExports()
