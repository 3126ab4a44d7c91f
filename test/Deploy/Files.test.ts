/** The files for containers, Kubernetes, systemd and graphs: what they name is there, and the command line accepts their options. */
import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { parse, parseAllDocuments } from "yaml"
import { commands } from "../../src/Cli/Commands.ts"
import { problemOf } from "../shownCommands.ts"

const root = new URL("../../", import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), "utf8")

const accepts = async (args: ReadonlyArray<string>) => {
  assert.strictEqual(args[0], "serve")
  assert.isUndefined(await problemOf(args))
}

describe("the files for deployment", () => {
  it("Dockerfile starts the server that the package has, not as root, with a health check", async () => {
    const text = read("Dockerfile")
    const { bin, files } = JSON.parse(read("package.json"))
    const [entry, cmd] = ["ENTRYPOINT", "CMD"].map((word) =>
      JSON.parse(new RegExp(`^${word} (\\[.*\\])$`, "m").exec(text)?.[1] ?? "[]")
    )
    assert.strictEqual(entry.at(-1).replace(/^\/app\//, "./"), bin["effect-c10k"])
    assert.include(files, "dist")
    await accepts(cmd)
    assert.match(text, /^USER nonroot$/m)
    assert.match(text, /^HEALTHCHECK .*\n.*\/healthz/m)
    for (const [, name = "", version = ""] of text.matchAll(/(@nats-io\/[a-z-]+)@([\d.]+)/g))
      assert.include(JSON.parse(read("package.json")).optionalDependencies[name], version.replace(/\.\d+$/, ""), name)
  })

  it("compose.yaml mounts files that are there, and its nodes start", async () => {
    const { services } = parse(read("compose.yaml"), { merge: true })
    for (const { volumes = [] } of Object.values<{ volumes?: ReadonlyArray<string> }>(services))
      for (const volume of volumes.filter((each) => each.startsWith("./"))) {
        const [path = ""] = volume.split(":")
        assert.doesNotThrow(() => (/\.\w+$/.test(path) ? read(path) : readdirSync(new URL(path, root))), path)
      }
    await accepts(services.node1.command)
    for (const node of ["node1", "node2", "node3"])
      for (const file of ["deploy/nginx.conf", "deploy/Caddyfile", "deploy/haproxy.cfg", "deploy/prometheus.yml"])
        assert.include(read(file), `${node}:8000`)
  })

  it("the manifests of Kubernetes start the server, and give it time to end", async () => {
    const documents = readdirSync(new URL("deploy/kubernetes/", root)).flatMap((file) =>
      parseAllDocuments(read(`deploy/kubernetes/${file}`)).map((document) => {
        assert.deepStrictEqual(document.errors, [])
        return document.toJS()
      })
    )
    const deployment = documents.find(({ kind }) => kind === "Deployment")
    const { containers, terminationGracePeriodSeconds } = deployment.spec.template.spec
    await accepts(containers[0].args)
    const drain = Number(/--drain=(\d+)s/.exec(containers[0].args.join(" "))?.[1])
    assert.isAbove(terminationGracePeriodSeconds, drain + 5)
    const flags = (await commands.serve.declaration()).inputs.flatMap((input) =>
      input._tag === "Flag" ? (input.variable ?? []) : []
    )
    for (const { name } of containers[0].env) assert.include(flags, name)
    assert.isDefined(documents.find(({ kind }) => kind === "StatefulSet"))
  })

  it("the unit of systemd starts the server", async () => {
    const [, , ...args] = /^ExecStart=(.*)$/m.exec(read("deploy/effect-c10k.service"))?.[1]?.split(" ") ?? []
    await accepts(["serve", ...args])
  })

  it("the dashboard shows metrics that the server has", () => {
    const documented = read("docs/operations.md")
    const dashboard = JSON.parse(read("deploy/grafana/dashboards/effect-c10k.json"))
    const used = [...JSON.stringify(dashboard.panels).matchAll(/effect_c10k_\w+/g)].map(([name]) => name)
    assert.isAbove(used.length, 8)
    for (const name of used) assert.include(documented, `\`${name}`)
  })

  it("workflows run scripts that package.json has, on the supported versions of Node", () => {
    const { engines, scripts } = JSON.parse(read("package.json"))
    for (const file of readdirSync(new URL(".github/workflows/", root))) {
      const text = read(`.github/workflows/${file}`)
      assert.isObject(parse(text).jobs)
      for (const [, script = ""] of text.matchAll(/npm run ([\w:]+)/g)) assert.property(scripts, script, file)
    }
    const oldest = engines.node.replace(">=", "")
    assert.include(read(".github/workflows/test.yml"), `"${oldest}.0"`)
  })
})
