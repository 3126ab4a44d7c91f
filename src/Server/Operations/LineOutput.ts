/** Writes lines to a standard stream. One that can't be written, to a full disk or a closed pipe, is lost. */
export const to = (stream: NodeJS.WriteStream): ((line: string) => void) => {
  if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore)
  return (line) => {
    try {
      stream.write(`${line}\n`)
    } catch {}
  }
}

const ignore = (): void => {}
