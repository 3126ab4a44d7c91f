import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as FastCheck from "effect/FastCheck"
import * as Record from "effect/Record"
import { GameUse } from "../../../src/Server/Games/GameUse.ts"
import { codec, Lobby, type LobbyEvent } from "../../../src/Server/Games/Lobby.ts"
import { MISSED } from "../../../src/Server/Games/NodePresence.ts"

const limits = { games: 10, gamesPerOwner: 10, cells: 1000 }

const asked = (name: string, size = 1): LobbyEvent => ({
  type: "asked",
  name,
  request: "r",
  width: size,
  height: size,
  limits
})

const IDLE = 60_000
/** Nodes sign once a second. */
const SILENCE = (MISSED + 1) * 1000

/** Nodes with one log, one clock, and clients that come and go. Entries are read at once, unless a node is frozen or the log away. */
class World {
  now = 0
  isAway = false
  readonly entries: Array<LobbyEvent> = []
  readonly nodes = new Map<string, Node>()

  node(name: string): Node {
    const node = new Node(this, name)
    this.nodes.set(name, node)
    node.catchUp()
    return node
  }

  append(event: LobbyEvent): void {
    const decoded = codec.decode(codec.encode(event))
    assert.deepStrictEqual(decoded, event)
    this.entries.push(event)
    for (const node of this.nodes.values()) node.catchUp()
  }

  /** What the nodes have written and not read is lost if `isLost`. */
  comeBack(isLost: boolean): void {
    this.isAway = false
    for (const node of this.nodes.values()) {
      if (isLost) node.skip()
      node.catchUp()
    }
  }

  /** Lets time pass, with a poll of each node that runs in every second. */
  pass(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now += 1000
      for (const node of this.nodes.values()) if (!node.isFrozen) node.use.poll()
    }
  }

  /** The games of all nodes that run, which must agree. */
  games(): ReadonlyArray<string> {
    const lists = [...this.nodes.values()].filter(({ isFrozen }) => !isFrozen).map(({ lobby }) => lobby.games)
    for (const list of lists) assert.deepStrictEqual(list, lists[0])
    return (lists[0] ?? []).map(({ name }) => name)
  }
}

class Node {
  readonly lobby = new Lobby()
  readonly use: GameUse
  readonly clients = new Map<string, number>()
  /** The nodes that take part in its games. */
  readonly players = new Set<string>()
  readonly #world: World
  #position = 0
  isFrozen = false

  constructor(world: World, name: string) {
    this.#world = world
    this.use = new GameUse({
      node: name,
      isShared: true,
      url: name === "a" ? "ws://a:8000/" : "",
      idle: IDLE,
      lobby: this.lobby,
      append: (event) => world.append(event),
      players: () => this.players,
      removePlayer: (player) => player !== name && void this.players.delete(player),
      hasClients: (game) => (this.clients.get(game) ?? 0) > 0,
      now: () => world.now
    })
  }

  catchUp(): void {
    while (!this.isFrozen && !this.#world.isAway && this.#position < this.#world.entries.length) {
      const event = this.#world.entries[this.#position++]!
      const { ended } = this.lobby.apply(event, this.#position)
      if (ended !== undefined) this.clients.delete(ended.name)
      this.use.read(event)
    }
  }

  /** Begins again with the state that it has, at the end of the log. */
  skip(): void {
    this.#position = this.#world.entries.length
    this.lobby.restore(this.lobby.snapshot())
    this.use.restart()
  }

  enter(name: string): void {
    this.clients.set(name, (this.clients.get(name) ?? 0) + 1)
    const game = this.lobby.find(name)
    if (game !== undefined) this.use.entered(game)
  }

  leave(name: string): void {
    this.clients.set(name, (this.clients.get(name) ?? 1) - 1)
  }

  freeze(): void {
    this.isFrozen = true
  }

  thaw(): void {
    this.isFrozen = false
    this.catchUp()
  }
}

describe("the life of a game", () => {
  it("the life of a game goes on while a client is on any node, however long, and ends after the last has left", () => {
    const world = new World()
    const [a, b] = [world.node("a"), world.node("b")]
    world.append(asked("x"))
    a.enter("x")
    world.pass(5 * IDLE)
    assert.deepStrictEqual(world.games(), ["x"])
    b.enter("x")
    a.leave("x")
    world.pass(5 * IDLE)
    assert.deepStrictEqual(world.games(), ["x"])
    assert.isFalse(world.entries.some(({ type }) => type === "ended"))
    b.leave("x")
    world.pass(IDLE / 2)
    assert.deepStrictEqual(world.games(), ["x"])
    world.pass(IDLE)
    assert.deepStrictEqual(world.games(), [])
  })

  it("the life of a game begins anew with each reset", () => {
    const world = new World()
    world.node("a")
    for (let n = 0; n < 3; n++) {
      world.append(asked("x"))
      world.pass(IDLE - 2000)
      assert.deepStrictEqual(world.games(), ["x"])
    }
    world.pass(4000)
    assert.deepStrictEqual(world.games(), [])
  })

  it("the life of a game goes on if its only client came when the log was away, which loses that or not", () => {
    for (const isLost of [true, false]) {
      const world = new World()
      const a = world.node("a")
      for (const name of ["used", "left"]) world.append(asked(name))
      a.enter("left")
      world.isAway = true
      a.leave("left")
      a.enter("used")
      world.pass(5000)
      world.comeBack(isLost)
      world.pass(5 * IDLE)
      assert.deepStrictEqual(world.games(), ["used"])
    }
  })

  it("the life of a game is not said again and again while the log is away", () => {
    const world = new World()
    const a = world.node("a")
    for (const name of ["idle", "used"]) world.append(asked(name))
    world.pass(1000)
    world.isAway = true
    const before = world.entries.length
    a.enter("used")
    world.pass(5 * IDLE)
    const written = Arr.groupBy(world.entries.slice(before), ({ type }) => type)
    assert.deepStrictEqual(Record.map(written, Arr.length), { used: 1, here: 3, ended: 5 })
    world.comeBack(false)
    assert.deepStrictEqual(world.games(), ["used"])
  })

  it("the life of a game goes on when a node that has just started has not heard of its clients yet", () => {
    const world = new World()
    const a = world.node("a")
    world.append(asked("x"))
    a.enter("x")
    world.pass(3 * IDLE)
    world.node("late")
    world.pass(3 * IDLE)
    assert.deepStrictEqual(world.games(), ["x"])
  })

  it("the life of a game ends when the only node that used it has died, and not when another still does", () => {
    const world = new World()
    const [a, b] = [world.node("a"), world.node("b")]
    for (const name of ["x", "y"]) world.append(asked(name))
    for (const name of ["x", "y"]) a.enter(name)
    b.enter("y")
    world.pass(SILENCE)
    a.freeze()
    world.pass(SILENCE + IDLE + 5000)
    assert.deepStrictEqual(world.games(), ["y"])
  })

  it("the life of a game goes on when a node that was taken for dead comes back with its clients", () => {
    const world = new World()
    const [a, b] = [world.node("a"), world.node("b")]
    world.append(asked("x"))
    a.enter("x")
    world.pass(SILENCE)
    a.freeze()
    world.pass(SILENCE + 5000)
    assert.isFalse(b.lobby.nodes.has("a"))
    a.thaw()
    world.pass(5 * IDLE)
    assert.deepStrictEqual(world.games(), ["x"])
  })

  it("a node that was frozen does not take the others for gone, and they remove it from their games", () => {
    const world = new World()
    const [a, b] = [world.node("a"), world.node("b")]
    for (const { players } of [a, b]) for (const name of ["a", "b"]) players.add(name)
    world.pass(SILENCE)
    b.freeze()
    world.pass(SILENCE)
    assert.deepStrictEqual([[...a.players], [...b.players]], [["a"], ["a", "b"]])
    b.thaw()
    world.pass(3 * SILENCE)
    assert.deepStrictEqual([...b.players], ["a", "b"])
    assert.deepStrictEqual([...a.lobby.nodes].toSorted(), ["a", "b"])
    assert.isFalse(world.entries.some((event) => event.type === "gone" && event.node === "a"))
  })

  it("the life of a game removes a node that takes part in a game and was never heard, because it died as it began", () => {
    const world = new World()
    const a = world.node("a")
    a.players.add("dead")
    world.pass(SILENCE)
    assert.deepStrictEqual([...a.players], [])
  })

  it("the life of a game is not ended by what was decided before a client came", () => {
    const lobby = new Lobby()
    lobby.apply(asked("x"), 1)
    lobby.apply({ type: "used", name: "x", made: 1, node: "a" }, 2)
    assert.deepStrictEqual(lobby.apply({ type: "ended", name: "x", made: 1, since: 1 }, 3), {})
    lobby.apply({ type: "unused", name: "x", made: 1, node: "a" }, 4)
    assert.deepStrictEqual(lobby.apply({ type: "ended", name: "x", made: 1, since: 1 }, 5), {})
    assert.strictEqual(lobby.apply({ type: "ended", name: "x", made: 1, since: 4 }, 6).ended?.made, 1)
  })

  it("the life of a game does not end anew for a game of the same name", () => {
    const lobby = new Lobby()
    lobby.apply(asked("x"), 1)
    lobby.apply({ type: "ended", name: "x", made: 1, since: 1 }, 2)
    lobby.apply(asked("x"), 3)
    assert.deepStrictEqual(lobby.apply({ type: "ended", name: "x", made: 1, since: 1 }, 4), {})
    assert.strictEqual(lobby.find("x")?.made, 3)
  })

  it("a game that was made with a token can be reset with others, but made larger only with that token", () => {
    const lobby = new Lobby()
    const ask = (name: string, size: number) => ({ ...asked("x", size), owner: { kind: "token" as const, name } })
    lobby.apply(ask("ada", 4), 1)
    assert.isUndefined(lobby.apply(ask("bob", 4), 2).refused)
    assert.deepStrictEqual(lobby.apply(ask("bob", 5), 3).refused, {
      limit: "token",
      reason: "only the token that made this game can make it larger"
    })
    assert.strictEqual(lobby.find("x")?.width, 4)
    assert.isUndefined(lobby.apply(ask("ada", 5), 4).refused)
    assert.strictEqual(lobby.find("x")?.width, 5)
  })

  it("the life of a game leaves a log to remove, which a node that starts later knows too", () => {
    const lobby = new Lobby()
    lobby.apply(asked("x"), 1)
    lobby.apply({ type: "ended", name: "x", made: 1, since: 1 }, 2)
    const later = new Lobby()
    later.restore(lobby.snapshot())
    assert.deepStrictEqual(later.removing, [{ name: "x", made: 1, log: "g-x-r" }])
    later.apply({ type: "removed", name: "x", made: 1 }, 3)
    assert.deepStrictEqual(later.removing, [])
  })

  it("the life of a game does not begin if its log could not be created, unless a client got in by another node", () => {
    const lobby = new Lobby()
    lobby.apply(asked("x"), 1)
    lobby.apply(asked("y"), 2)
    lobby.apply({ type: "used", name: "y", made: 2, node: "b" }, 3)
    lobby.apply({ type: "dropped", name: "x", made: 1 }, 4)
    lobby.apply({ type: "dropped", name: "y", made: 2 }, 5)
    assert.deepStrictEqual(
      lobby.games.map(({ name }) => name),
      ["y"]
    )
  })

  it("the life of a game begins anew if the list was lost and an idle game had its position", () => {
    const world = new World()
    const a = world.node("a")
    world.append(asked("old"))
    world.pass(IDLE - 2000)
    const begun = world.entries.length
    a.lobby.forget()
    a.use.restart()
    a.lobby.apply(asked("new"), 1)
    world.pass(4000)
    assert.deepStrictEqual(world.games(), ["new"])
    assert.isFalse(world.entries.slice(begun).some(({ type }) => type === "ended"))
  })

  const step = FastCheck.record({
    what: FastCheck.constantFrom("enter", "leave", "pass", "freeze", "thaw"),
    node: FastCheck.nat(2)
  })

  const never = "never ends while a client is on a node that runs"
  it.prop(
    never,
    [FastCheck.array(step, { maxLength: 40 })],
    ([steps]) => {
      const world = new World()
      const nodes = ["a", "b", "c"].map((name) => world.node(name))
      world.append(asked("x"))
      // The first node stays, with a client. The others do anything.
      nodes[0]!.enter("x")
      for (const { node: at, what } of steps) {
        const node = nodes[at]!
        if (what === "pass") world.pass(IDLE / 3)
        else if (at > 0 && what === "freeze") node.freeze()
        else if (what === "thaw") node.thaw()
        else if (!node.isFrozen && what === "enter") node.enter("x")
        else if (!node.isFrozen && at > 0 && what === "leave" && (node.clients.get("x") ?? 0) > 0) node.leave("x")
        assert.deepStrictEqual(world.games(), ["x"])
      }
      for (const node of nodes) node.thaw()
      for (const node of nodes) node.clients.clear()
      world.pass(SILENCE + 2 * IDLE)
      assert.deepStrictEqual(world.games(), [])
    },
    { fastCheck: { numRuns: 40 } }
  )
})
