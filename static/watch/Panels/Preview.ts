/** A small picture of a pattern. */

export const drawPreview = (canvas: HTMLCanvasElement, rows: ReadonlyArray<string>): void => {
  const context = canvas.getContext("2d")
  if (context === null) return
  const width = Math.max(1, ...rows.map((row) => row.length))
  const scale = Math.min(canvas.width / (width + 2), canvas.height / (rows.length + 2), 14 * window.devicePixelRatio)
  const left = (canvas.width - width * scale) / 2
  const top = (canvas.height - rows.length * scale) / 2
  const gap = scale > 4 ? 1 : 0
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = getComputedStyle(canvas).color
  rows.forEach((row, y) => {
    ;[...row].forEach((cell, x) => {
      if (cell === ".") return
      // Dying cells are half transparent.
      context.globalAlpha = cell === "O" || cell === "A" ? 1 : 0.5
      context.fillRect(left + x * scale, top + y * scale, scale - gap, scale - gap)
    })
  })
}
