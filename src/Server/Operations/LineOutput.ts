/**
 * Lines to standard output or standard error of a program that must not stop because of them. A line that cannot be
 * written, to a full disk or to a closed pipe, is lost; nothing else is.
 */
export const to = (stream: NodeJS.WriteStream): ((line: string) => void) => {
  if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore)
  return (line) => {
    try {
      stream.write(`${line}\n`)
    } catch {}
  }
}

const ignore = (): void => {}
