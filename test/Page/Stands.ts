/** The programs as users start them, and the states of their pages that `npm run screenshots` visits. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { WebSocketServer } from "ws"
import type { ServerProcess } from "../Server/ServerProcess.ts"
import { act, choose, openPanel, untilText } from "./Steps.ts"

/** Starts programs that end with the stand. */
export interface Started {
  readonly run: (...args: ReadonlyArray<string>) => Promise<ServerProcess>
  /** The same, until it says where it listens. */
  readonly serve: (
    ...args: ReadonlyArray<string>
  ) => Promise<{ readonly address: string; readonly server: ServerProcess }>
  readonly folder: string
  readonly onEnd: (end: () => void) => void
}

interface State {
  readonly name: string
  /** Relative to the stand's address. */
  readonly path?: string
  /** Brings the page to its state. */
  readonly reach: (page: Page, stand: Stand) => Promise<unknown>
  /** Whether it fills the screen, whose size can't change then: each size has a page of its own. */
  readonly isFullScreen?: boolean
  /** States of one page that are also there in the pictures of docs/: the name of the picture, by size and appearance. */
  readonly docs?: Readonly<Record<string, string>>
}

export interface Stand {
  readonly address: string
  readonly processes: ReadonlyArray<ServerProcess>
}

export interface Stage {
  readonly name: string
  readonly start: (started: Started) => Promise<Stand>
  readonly states: ReadonlyArray<State>
}

const running = (page: Page) =>
  untilText(page, "#phase", "Running").then(() => untilText(page, "#generation", /^\d*[1-9]\d/))
const menu = (id: string) => (page: Page) => page.locator(`[popovertarget="${id}"]`).click()
const key = async (page: Page, name: string) => {
  await page.locator("#grid").focus()
  await page.keyboard.press(name)
}

const draw = async (page: Page) => {
  await openPanel(page)
  await page.getByLabel("Drawn or loaded").check()
  await page.locator("#draw").click()
  await page.locator("#drawing").waitFor()
}

/** A server whose answers are sometimes wrong, so that a load test of it has failures. */
const faulty = (started: Started): Promise<string> =>
  new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => {
      const address = server.address()
      resolve(`ws://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`)
    })
    let count = 0
    server.on("connection", (socket) => {
      socket.on("message", (data) => {
        count++
        if (count % 400 === 0) socket.send("another answer")
        else if (count % 700 === 0) socket.close(1011, "out of order")
        else socket.send(String(data))
      })
      socket.on("error", () => {})
    })
    started.onEnd(() => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    })
  })

const scenario = `steps:
  - repeat:
      steps:
        - send: "hello {{round}}"
        - expect: "hello {{round}}"
`

const galaxy = ["-s", "40", "--width", "64", "--seed", "7", "-l", "8"]

export const stages: ReadonlyArray<Stage> = [
  {
    name: "empty",
    start: async ({ serve }) => {
      const { address, server } = await serve("serve", "--allow-embed", "https://example.com")
      return { address, processes: [server] }
    },
    states: [
      { name: "welcome", reach: (page) => page.locator("#welcome button").waitFor() },
      { name: "unknown-game", path: "games/nix/", reach: (page) => page.locator("#welcome button").waitFor() },
      { name: "start", reach: openPanel },
      {
        name: "start-random",
        reach: async (page) => {
          await openPanel(page)
          await page.getByLabel("Random cells").check()
        }
      },
      {
        name: "start-wrong",
        reach: async (page) => {
          await openPanel(page)
          await page.locator("#rule").fill("B3/S29")
          await untilText(page, "#rule-problem", /./)
        }
      },
      {
        name: "drawing",
        reach: async (page) => {
          await draw(page)
          await page.locator("#drawing-random").click()
        }
      },
      {
        name: "stamping",
        reach: async (page) => {
          await draw(page)
          await page.locator("#drawing-stamp").selectOption("glider")
          await page.locator("#stamping").waitFor()
        }
      },
      {
        name: "selecting",
        reach: async (page) => {
          await draw(page)
          await page.locator("#drawing-select").click()
          await page.keyboard.press("Shift+ArrowRight")
          await page.locator("#selecting").waitFor()
        }
      },
      { name: "help", reach: (page) => page.locator('header [data-action="help"]').click() },
      { name: "test", path: "test/", reach: (page) => page.waitForLoadState() },
      { name: "test-http", path: "test/http/?name=Arthur", reach: (page) => page.waitForLoadState() },
      { name: "lobby-empty", path: "games/", reach: (page) => untilText(page, "#summary", /^0 games/) },
      { name: "embed-empty", path: "embed", reach: (page) => untilText(page, "#phase", "No game yet") },
      {
        name: "lost-empty",
        reach: async (page, { processes }) => {
          await untilText(page, "#phase", "No game yet")
          processes[0]!.child.kill("SIGKILL")
          await untilText(page, "#phase", "Disconnected")
        }
      }
    ]
  },
  {
    name: "game",
    start: async ({ run, serve }) => {
      const { address, server } = await serve("serve", "--history", "16MiB", "--allow-embed", "https://example.com")
      const life = await run("life", "--url", address.replace("http", "ws"), ...galaxy)
      return { address, processes: [server, life] }
    },
    states: [
      { name: "running", reach: running },
      {
        name: "frozen",
        reach: async (page) => {
          await running(page)
          await act(page, "play")
          await act(page, "back")
          await untilText(page, "#seen", /^Paused at/)
        }
      },
      {
        name: "inspecting",
        reach: async (page) => {
          await running(page)
          await key(page, "Shift+ArrowUp")
          await untilText(page, "#client-messages", /→/)
        }
      },
      {
        name: "time",
        reach: async (page) => {
          await running(page)
          await act(page, "time")
          await page.locator("#timeline-range:enabled").waitFor()
          await page.locator("#timeline-range").press("PageDown")
          await untilText(page, "#seen", /^Paused at/)
        }
      },
      {
        name: "view-menu",
        reach: async (page) => {
          await running(page)
          await menu("view-menu")(page)
        }
      },
      {
        name: "save-menu",
        reach: async (page) => {
          await running(page)
          await menu("save-menu")(page)
        }
      },
      {
        name: "big",
        isFullScreen: true,
        reach: async (page) => {
          await running(page)
          await key(page, "o")
          await page.locator("#leave-big").waitFor()
        }
      },
      { name: "embed", path: "embed", reach: running },
      {
        name: "wavefront",
        reach: async (page) => {
          await running(page)
          await page.locator("#theme").selectOption("hue")
          await choose(page, "scheme", "system")
        }
      },
      {
        name: "left",
        reach: async (page, { processes }) => {
          await running(page)
          processes[1]!.child.kill("SIGKILL")
          await page.locator("#ended").waitFor()
        }
      },
      {
        name: "lost",
        reach: async (page, { processes }) => {
          await untilText(page, "#workers", "0")
          processes[0]!.child.kill("SIGKILL")
          await untilText(page, "#phase", "Disconnected")
        }
      }
    ]
  },
  {
    name: "demo",
    start: async ({ serve }) => {
      const { address, server } = await serve("demo", "-s", "32", "-l", "8")
      return { address, processes: [server] }
    },
    states: [
      {
        name: "running",
        reach: running,
        docs: {
          "1280x800-light": "watch",
          "1280x800-dark": "watch-dark",
          "390x844-light": "watch-phone",
          "390x844-dark": "watch-phone-dark"
        }
      },
      {
        name: "break-menu",
        reach: async (page) => {
          await running(page)
          await menu("break-menu")(page)
        }
      },
      {
        name: "start-over",
        reach: async (page) => {
          await running(page)
          await openPanel(page)
        }
      },
      {
        name: "paused",
        reach: async (page) => {
          await untilText(page, "#generation", /\d/)
          if ((await page.textContent("#play-label")) === "Pause") await act(page, "play")
          await untilText(page, "#phase", "Paused")
        }
      },
      {
        name: "waiting",
        reach: async (page) => {
          await untilText(page, "#generation", /\d/)
          if ((await page.textContent("#play-label")) === "Resume") await act(page, "play")
          await running(page)
          await page.locator("#break").click()
          await page.locator("#disconnect-some").click()
          await untilText(page, "#workers", "924")
        }
      }
    ]
  },
  {
    name: "hexagons",
    start: async ({ serve }) => {
      const { address, server } = await serve(
        "demo",
        "-s",
        "24",
        "--rule",
        "B2/S34H",
        "--density",
        "0.3",
        "--seed",
        "3",
        "-l",
        "4"
      )
      return { address, processes: [server] }
    },
    states: [
      {
        name: "hexagons",
        reach: async (page) => {
          await running(page)
          await key(page, "Shift+ArrowUp")
          await untilText(page, "#inspector", /^row/)
        }
      },
      {
        name: "hexagons-drawing",
        reach: async (page) => {
          await running(page)
          await act(page, "edit")
          await page.locator("#drawing-select").click()
          for (const name of ["Shift+ArrowRight", "Shift+ArrowDown"]) await page.keyboard.press(name)
          await page.locator("#selecting").waitFor()
        }
      }
    ]
  },
  {
    name: "arriving",
    start: async ({ serve }) => {
      const { address, server } = await serve("demo", "-s", "32", "--connect-rate", "25")
      return { address, processes: [server] }
    },
    states: [
      {
        name: "arriving",
        reach: (page) => untilText(page, "#workers", /^[1-9]\d\d$/),
        docs: { "1280x800-light": "arriving" }
      }
    ]
  },
  {
    name: "finished",
    start: async ({ run, serve }) => {
      const { address, server } = await serve("serve")
      const life = await run("life", "--url", address.replace("http", "ws"), "-s", "24", "-n", "40", "-l", "50")
      await life.ended
      return { address, processes: [server] }
    },
    states: [{ name: "finished", reach: (page) => page.locator("#ended").waitFor() }]
  },
  {
    name: "replay",
    start: async ({ folder, run, serve }) => {
      const file = join(folder, "game.c10k")
      const { address, server } = await serve("serve", "--history", "16MiB")
      const url = address.replace("http", "ws")
      const life = await run("life", "--url", url, "-s", "32", "-p", "acorn", "-n", "300", "-l", "1000")
      await life.ended
      const record = await run("life", "record", "--until-now", "--url", url, file)
      await record.ended
      server.child.kill("SIGKILL")
      const replay = await serve("life", "replay", file, "--speed", "20")
      return { address: replay.address, processes: [replay.server] }
    },
    states: [
      { name: "replay", reach: running },
      { name: "replay-ended", reach: (page) => page.locator("#ended").waitFor() }
    ]
  },
  {
    name: "lobby",
    start: async ({ run, serve }) => {
      const { address, server } = await serve("serve", "--max-games", "200")
      const url = address.replace("http", "ws")
      const games = ["galaxy", "pulsar", "glider", "acorn", "lwss", "toad"]
      const all = await Promise.all(
        games.map((pattern, index) =>
          run("life", "--url", `${url}games/${pattern}-${index}/`, "-s", "16", "-p", pattern, "-l", "4")
        )
      )
      const short = await run(
        "life",
        "--url",
        `${url}games/name-with-24-characters_/`,
        "-s",
        "9",
        "-n",
        "9",
        "-l",
        "99"
      )
      await short.ended
      return { address, processes: [server, ...all] }
    },
    states: [
      {
        name: "lobby",
        path: "games/",
        reach: async (page) => {
          await untilText(page, "#summary", /^[67] games/)
          await page.waitForFunction(() => document.querySelectorAll('.game[data-phase="running"]').length >= 6)
        }
      },
      {
        name: "lobby-search",
        path: "games/",
        reach: async (page) => {
          await untilText(page, "#summary", /^[67] games/)
          await page.locator("#search").fill("xyz")
        }
      }
    ]
  },
  {
    name: "load",
    start: async (started) => {
      const url = await faulty(started)
      const file = join(started.folder, "hello.yaml")
      writeFileSync(file, scenario)
      const server = await started.run(
        ...[
          "echo",
          "--url",
          url,
          "--scenario",
          file,
          "--clients",
          "40",
          "--rate",
          "400",
          "--duration",
          "10m",
          "--ui",
          "0"
        ],
        ...["--threshold", "rtt.p99<500ms", "--threshold", "failed<1"]
      )
      const [, address = ""] = await server.printed(/Watch the run at (http\S+)\n/)
      return { address, processes: [server] }
    },
    states: [
      {
        name: "load",
        reach: async (page) => {
          await untilText(page, "#phase", "Running")
          await untilText(page, "#elapsed", /^0:[1-5]\d|^[1-9]/)
        },
        docs: { "1280x800-light": "load" }
      },
      {
        name: "load-lost",
        reach: async (page, { processes }) => {
          await untilText(page, "#phase", "Running")
          processes[0]!.child.kill("SIGKILL")
          await untilText(page, "#phase", /^No connection/)
        }
      }
    ]
  },
  {
    name: "report",
    start: async (started) => {
      const url = await faulty(started)
      const file = join(started.folder, "hello.yaml")
      const html = join(started.folder, "report.html")
      writeFileSync(file, scenario)
      const server = await started.run(
        ...["echo", "--url", url, "--scenario", file, "--clients", "40", "--rate", "400", "--duration", "15s"],
        ...["--html", html, "--threshold", "rtt.p99<500ms", "--threshold", "failed<1"]
      )
      await server.ended
      readFileSync(html)
      return { address: `file://${html}`, processes: [] }
    },
    states: [{ name: "report", reach: (page) => page.locator("h1").waitFor(), docs: { "1280x800-light": "report" } }]
  }
]
