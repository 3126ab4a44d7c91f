// @ts-check
/**
 * What the one-file executable runs first (`executable.ts` makes it). It has the program's files inside and unpacks them once, to the user's
 * folder for caches, because Node runs modules, pages and patterns from files only. Node bundles no packages into this script: it imports only its own modules.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { homedir, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { getAsset, getRawAsset } from "node:sea"

/** @type {{ readonly hash: string, readonly files: readonly string[] }} */
const { files, hash } = JSON.parse(getAsset("contents", "utf8"))

/** @param {string} folder */
const writeTo = (folder) => {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, file), new Uint8Array(/** @type {ArrayBuffer} */ (getRawAsset(file))))
  }
}

/** Unpacks beside the folder and then renames, so that a program that starts at the same time finds all files or none.
 * @param {string} folder */
const unpack = (folder) => {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 })
  const unfinished = mkdtempSync(`${folder}-`)
  try {
    writeTo(unfinished)
    renameSync(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

/** Where a user's folder for caches can't be written, the files are unpacked for this process alone. */
const unpackForNow = () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-c10k-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  writeTo(folder)
  return folder
}

const folderOf = () => {
  try {
    const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "effect-c10k", `executable-${hash}`)
    if (!existsSync(folder)) unpack(folder)
    return folder
  } catch {
    return unpackForNow()
  }
}

// Node starts another process of this program with `node SCRIPT ...`, and here both are this file.
if (process.argv[2] === process.execPath) process.argv.splice(2, 1)
process.argv[1] = process.execPath
// A script inside an executable can import modules of Node only. One that was loaded from a file can import files.
createRequire(join(folderOf(), "start.cjs"))("./start.cjs")
