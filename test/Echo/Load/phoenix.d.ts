declare module "phoenix" {
  interface Push {
    receive(status: "ok" | "error" | "timeout", act: (response: unknown) => void): Push
  }
  interface Channel {
    join(): Push
    leave(): Push
    push(event: string, payload: object): Push
    on(event: string, act: (payload: unknown) => void): number
    onClose(act: () => void): void
  }
  export class Socket {
    constructor(url: string, options: { readonly transport: unknown; readonly heartbeatIntervalMs?: number })
    connect(): void
    disconnect(act: () => void): void
    onOpen(act: () => void): void
    channel(topic: string, params: object): Channel
  }
}
