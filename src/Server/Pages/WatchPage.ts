/** The watch page as it is served: its title carries the size of the present grid. */

/** `html` with its title replaced, unless there is no game yet. */
export const renderWatchPage = (html: string, width: number, height: number): string =>
  width === 0 ? html : html.replace(/<title>[^<]*<\/title>/, `<title>Game of Life ${width}x${height}</title>`)
