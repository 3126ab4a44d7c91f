/** The part of gifenc that the page uses. The package has no types. */
declare module "gifenc" {
  type Palette = ReadonlyArray<[red: number, green: number, blue: number]>

  interface Encoder {
    /** Each pixel is the number of its colour. A delay is in milliseconds; repeat 0 is for ever. */
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { readonly palette: Palette; readonly delay: number; readonly repeat: number }
    ): void
    finish(): void
    bytes(): Uint8Array
    bytesView(): Uint8Array
  }

  export const GIFEncoder: () => Encoder
  export const quantize: (rgba: Uint8ClampedArray, mostColours: number) => Palette
  export const applyPalette: (rgba: Uint8ClampedArray, palette: Palette) => Uint8Array
}
