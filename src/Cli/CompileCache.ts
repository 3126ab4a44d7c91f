/**
 * Keeps what V8 compiled for the next start, where Node can (from version 22.1 on): reading the program takes longer than all else
 * of `--help`. It is kept in the user's own folder, not in a shared one for temporary files, since it is code that will run.
 */
import * as module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

/** A function of newer versions of Node, which the types of the oldest lack. It never throws, whatever happens to the folder. */
interface NewerModule {
  readonly enableCompileCache?: (directory?: string) => unknown
}

/** To be called before the modules are loaded whose code is to be kept. `NODE_DISABLE_COMPILE_CACHE=1` prevents it. */
export const enable = (): void => {
  const { enableCompileCache } = module as NewerModule
  if (enableCompileCache === undefined) return
  const { NODE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env
  const caches = XDG_CACHE_HOME || folderOf()
  if (NODE_COMPILE_CACHE === undefined && caches !== undefined) enableCompileCache(join(caches, "effect-c10k"))
}

/** The user's folder for caches; `undefined` for a user without a home. */
const folderOf = (): string | undefined => {
  try {
    return join(homedir(), ".cache")
  } catch {
    return undefined
  }
}
