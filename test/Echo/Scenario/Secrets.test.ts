import { assert, describe, it } from "@effect/vitest"
import * as Secrets from "../../../src/Echo/Scenario/Secrets.ts"
import { plan } from "../plan.ts"

const urls: ReadonlyArray<readonly [given: string, shown: string]> = [
  ["ws://ann:pa55word@host/chat?room=1", "ws://***@host/chat?room=1"],
  ["wss://host/?access_token=abc.def&room=1", "wss://host/?access_token=***&room=1"],
  ["wss://host/?apikey=abc#x", "wss://host/?apikey=***#x"],
  ["ws://host:80/a@b", "ws://host:80/a@b"],
  ["ws://host/{{users.name}}?token={{env.TOKEN}}", "ws://host/{{users.name}}?token=***"]
]

describe("secrets", () => {
  it.each(urls)("secrets are masked in a URL: %s", (given, shown) => assert.strictEqual(Secrets.maskUrl(given), shown))

  it("secrets are masked in options, by what the option is", () => {
    const shown = Secrets.maskOptions({
      headers: ["Authorization: Bearer abc", "X-Api-Key:k", "Origin: http://localhost"],
      cookies: ["session=abc=="],
      urls: ["ws://a:b@host/"],
      nats: "nats://u:p@one:4222,nats://two:4222",
      streams: ["remote-write=http://u:p@host/api", "jsonl=-", "statsd=host:8125"],
      clients: 10,
      proxy: "http://u:p@proxy:8080"
    })
    assert.deepStrictEqual(shown, {
      headers: ["Authorization: ***", "X-Api-Key:***", "Origin: http://localhost"],
      cookies: ["session=***"],
      urls: ["ws://***@host/"],
      nats: "nats://***@one:4222,nats://two:4222",
      streams: ["remote-write=http://***@host/api", "jsonl=-", "statsd=host:8125"],
      clients: 10,
      proxy: "http://***@proxy:8080"
    })
  })

  it("secrets are masked wherever a failure quotes them", () => {
    const { scenario } = plan(0)
    const redact = Secrets.redactor({
      scenario: {
        ...scenario,
        connect: { ...scenario.connect, headers: { authorization: "Bearer s3cr3t-t0ken" }, cookies: { id: "c00kie-v" } }
      },
      scenarios: undefined,
      urls: ["ws://ann:p%40ssword@host/?token=qwertz"],
      environment: { API_KEY: "k3y-of-env", HOME: "/home/ann" }
    })
    const said = 'got "Bearer s3cr3t-t0ken c00kie-v p@ssword qwertz k3y-of-env /home/ann" from ann'
    assert.strictEqual(redact(said), 'got "*** *** *** *** *** /home/ann" from ann')
  })

  it("secrets are masked in the command line, which is quoted for a shell", () => {
    const given = [
      "echo",
      "ws://a:b@h/",
      "--header",
      "X-Key: k1",
      "--cookie=id=c2",
      "--stream",
      "jsonl=-",
      "--threshold",
      "rtt.p99<5ms"
    ]
    assert.strictEqual(
      Secrets.maskArguments(given),
      "echo 'ws://***@h/' --header 'X-Key: ***' '--cookie=id=***' --stream jsonl=- --threshold 'rtt.p99<5ms'"
    )
  })

  it("secrets are masked in a scenario by the names of its members, and templates stay", () => {
    const steps = [
      { send: { json: { password: "pa55", token: "{{t}}", user: "ann" } } },
      { expect: { capture: { t: "$.token" } } }
    ]
    assert.deepStrictEqual(
      Secrets.maskScenario({ connect: { url: "ws://a:b@h/", headers: { Authorization: "x" } }, steps }),
      {
        connect: { url: "ws://***@h/", headers: { Authorization: "***" } },
        steps: [{ send: { json: { password: "***", token: "{{t}}", user: "ann" } } }, steps[1]]
      }
    )
  })

  it("secrets are no reason to change a text if a plan has none", () => {
    const text = "expected Hello!"
    assert.strictEqual(Secrets.redactor(plan(0))(text), text)
  })
})
