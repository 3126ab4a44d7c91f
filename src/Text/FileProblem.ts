import type { PlatformError } from "@effect/platform/Error"

const SENTENCES: Readonly<Record<"read" | "written", Readonly<Record<string, string>>>> = {
  read: {
    NotFound: "there is no such file; check its path",
    PermissionDenied: "this user may not read it; change its permissions, or give another file"
  },
  written: {
    NotFound: "its folder does not exist; create it, or give another path",
    PermissionDenied: "this user may not write there; change the permissions, or give another path"
  }
}

/** What Node says after the code: `EISDIR: illegal operation on a directory, read`. */
const codeOf = ({ description = "" }: { readonly description?: string | undefined }): string =>
  /^E[A-Z]+(?=:)/.exec(description)?.[0] ?? ""

const BY_CODE: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder; give a file",
  ENOTDIR: "a part of its path is a file and not a folder; check the path",
  ELOOP: "its symbolic links lead in a circle; give another path",
  ENOSPC: "the disk is full; make room, or give another path",
  EROFS: "the disk can only be read; give another path"
}

/** Why a file can't be `read` or `written`, and what to do, for people: `it cannot be read: there is no such file; check its path`. */
export const describe = (error: PlatformError, what: "read" | "written"): string => {
  const known = BY_CODE[codeOf(error)] ?? (error._tag === "SystemError" ? SENTENCES[what][error.reason] : undefined)
  return `it cannot be ${what}: ${known ?? error.description ?? error.message}`
}
