declare module "snappyjs" {
  export const uncompress: (bytes: Buffer) => Buffer
}
