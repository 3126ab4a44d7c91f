/**
 * Caches V8's compiled code for the next start, because compiling takes most of the start-up time. Node can do this from
 * version 22.1 on. The cache is in the user's own folder and not in a shared one for temporary files, since its code will run.
 */
import * as module from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

/** Newer versions of Node have this function; the types of the oldest supported version do not. It never throws, even if the folder can't be used. */
interface NewerModule {
  readonly enableCompileCache?: (directory?: string) => unknown
}

/** Call this before the modules to cache are loaded. `NODE_DISABLE_COMPILE_CACHE=1` turns the cache off. */
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
