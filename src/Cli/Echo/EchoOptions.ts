import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../OptionKinds.ts"
import * as EchoKinds from "./EchoKinds.ts"

const MOST_CLIENTS = 10_000_000
const MOST_PROCESSES = 256
const MOST_RUNS = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The options of the load tester, in the order of its help. */
export const options = {
  clients: OptionKinds.value(
    "clients",
    OptionKinds.whole(1, MOST_CLIENTS),
    "Clients, all connected at the same time. (default: 10000)",
    "c"
  ).pipe(Options.withDefault(10_000)),
  delay: OptionKinds.value(
    "delay",
    OptionKinds.duration({ least: 0, most: DAY, mostText: "24h" }),
    "How long the built-in conversation pauses before each message. (default: 60s)"
  ).pipe(Options.optional),
  urls: OptionKinds.texts(
    "url",
    "URL",
    "The server to connect to. Repeatable: clients use the urls in turn. (default: as the scenario says, else ws://localhost:8000/test/ws/)"
  ),
  scenario: OptionKinds.optionalText(
    "scenario",
    "FILE",
    "YAML or JSON file with the conversation that each client holds. (default: the built-in one)"
  ),
  ramp: OptionKinds.optionalText(
    "ramp",
    "RAMP",
    "How the clients connect: random:30s (at random times), rate:500 (a second), steps:1000/10s, or once. (default: rate:1000; for the built-in conversation random, over twice the delay)"
  ),
  rate: OptionKinds.value(
    "rate",
    EchoKinds.rate,
    "Messages a second of all clients, each sent at its planned time even if replies are late. A number, with --duration, or stages such as '0->2000/s in 30s, 2000/s for 5m'. Without --scenario, --message is sent to an echo server. (default url: ws://localhost:8000/test/echo/)"
  ).pipe(Options.optional),
  duration: OptionKinds.value(
    "duration",
    OptionKinds.duration(),
    "How long to go on after all clients have connected. Conversations start again until then."
  ).pipe(Options.optional),
  arrivals: OptionKinds.value(
    "arrivals",
    EchoKinds.stages,
    "Clients that arrive by a schedule, hold one conversation and leave, however slow the server is: '20/s for 1m', '0->500/s in 30s, 500/s for 5m', '100 at once'. Replaces --clients, --ramp and --duration."
  ).pipe(Options.optional),
  maxClients: OptionKinds.value(
    "max-clients",
    OptionKinds.whole(1, MOST_CLIENTS),
    "Most clients at the same time, with --arrivals. Clients that would arrive meanwhile do not start; they are counted as `dropped`."
  ).pipe(Options.optional),
  warmUp: OptionKinds.value(
    "warm-up",
    OptionKinds.duration(),
    "How long the load goes on before figures are kept."
  ).pipe(Options.optional),
  message: OptionKinds.optionalText(
    "message",
    "TEXT",
    "Text to send with --rate. {{client}}, {{round}} and {{message}} are filled in."
  ),
  // Longer waits for one reply are no use, and their times would not fit into the histograms.
  timeout: OptionKinds.value(
    "timeout",
    OptionKinds.duration({ most: HOUR, mostText: "1h" }),
    "Most time for connecting, for a reply and for closing. (default: 30s)"
  ).pipe(Options.withDefault(30_000)),
  processes: OptionKinds.value(
    "processes",
    OptionKinds.whole(1, MOST_PROCESSES),
    "Processes that share the clients. (default: 1)"
  ).pipe(Options.withDefault(1)),
  agents: OptionKinds.value(
    "agents",
    OptionKinds.whole(1, MOST_PROCESSES),
    "Run on this many of the `echo agent` that joined --nats, usually on other machines."
  ).pipe(Options.optional),
  nats: OptionKinds.optionalText(
    "nats",
    "URLS",
    "Servers of NATS, such as nats://host:4222, with commas between, that the agents joined."
  ),
  natsCreds: OptionKinds.optionalText("nats-creds", "FILE", "The credentials for NATS."),
  repeat: OptionKinds.value(
    "repeat",
    OptionKinds.whole(1, MOST_RUNS),
    "Runs of the same plan, one after the other. Their spread shows which changes are chance: see `echo compare`. (default: 1)"
  ).pipe(Options.withDefault(1)),
  find: OptionKinds.optionalText(
    "find",
    "WHAT",
    "Search for the most `clients`, or the highest `rate`, at which every --threshold holds: double the load, then halve the interval. With 'rate>=1000' the exit status is 99 if less is found."
  ),
  findMost: OptionKinds.value(
    "find-most",
    OptionKinds.rate("clients or messages"),
    "Where the search ends if nothing failed."
  ).pipe(Options.optional),
  findWithin: OptionKinds.value(
    "find-within",
    OptionKinds.share,
    "How exact the search is: the load that failed is at most this part above the load that held. (default: 5%)"
  ).pipe(Options.withDefault(0.05)),
  localAddress: OptionKinds.optionalText(
    "local-address",
    "ADDRESSES",
    "Source addresses, used in turn: a list or a range, such as 127.0.0.1-127.0.0.4."
  ),
  thresholds: OptionKinds.texts(
    "threshold",
    "BAR",
    "A bar for a figure, such as 'rtt.p99<50ms' or 'failed.share<1%'. If it fails, the exit status is 99. Repeatable."
  ),
  abortOn: OptionKinds.texts(
    "abort-on",
    "BAR",
    "End the run at once, with exit status 99, when this becomes true: 'failed>100', 'rtt.p99[10s]>1s'. Repeatable."
  ),
  json: OptionKinds.optionalText(
    "json",
    "FILE",
    "Write every figure, the failures and the time series as JSON; to standard output for -, or without a file."
  ),
  csv: OptionKinds.optionalText("csv", "FILE", "Write the time series, a row a second."),
  html: OptionKinds.optionalText("html", "FILE", "Write a page with tables and charts, which needs no network."),
  streams: OptionKinds.texts(
    "stream",
    "SINK",
    "Send the figures of each second, while the run goes on, to jsonl=FILE, prometheus=PORT, remote-write=URL, statsd=HOST:PORT or otlp=URL. Repeatable."
  ),
  ui: OptionKinds.optionalText(
    "ui",
    "ADDRESS",
    "Serve a page that shows the run and can change it, at PORT or HOST:PORT; 127.0.0.1:8090 if there is no address."
  ),
  seed: OptionKinds.value(
    "seed",
    OptionKinds.whole(0),
    "Number of the random times: the same number makes the same times."
  ).pipe(Options.optional),
  headers: OptionKinds.texts(
    "header",
    "HEADER",
    "A header of the handshake, such as 'Authorization: Bearer abc'. Its value is a template. Repeatable."
  ),
  cookies: OptionKinds.texts(
    "cookie",
    "COOKIE",
    "A cookie of the handshake, such as 'session=abc'. Its value is a template. Repeatable."
  ),
  subprotocols: OptionKinds.texts("subprotocol", "NAME", "A subprotocol to offer. Repeatable, the best first."),
  compress: OptionKinds.flag(
    "compress",
    "Offer compression of messages (permessage-deflate). The report tells what the server agreed to."
  ),
  ca: OptionKinds.optionalText("ca", "FILE", "Certificates (PEM) to trust instead of those of the system."),
  cert: OptionKinds.optionalText(
    "cert",
    "FILE",
    "The clients' own certificate (PEM), for servers that ask for one. Needs --key."
  ),
  key: OptionKinds.optionalText("key", "FILE", "The private key of --cert (PEM)."),
  servername: OptionKinds.optionalText(
    "servername",
    "NAME",
    "The name to ask for in TLS (SNI), which the certificate must have. (default: the url's host)"
  ),
  insecure: OptionKinds.flag("insecure", "Accept any certificate.").pipe(Options.withAlias("k")),
  tlsResume: OptionKinds.flag(
    "tls-resume",
    "Clients that connect again offer to resume their TLS session, as browsers do."
  ),
  proxy: OptionKinds.optionalText(
    "proxy",
    "URL",
    "HTTP proxy to connect through: http://HOST:PORT, with USER:PASSWORD@ if it asks for them."
  ),
  unixSocket: OptionKinds.optionalText(
    "unix-socket",
    "PATH",
    "Unix socket to connect to, instead of the url's host and port."
  ),
  force: OptionKinds.flag("force", "Start even if the limits of this machine seem too low."),
  plain: OptionKinds.flag("plain", "Write plain lines, not the live view, to a terminal too."),
  quiet: OptionKinds.flag("quiet", "Write nothing but errors, and the files.").pipe(Options.withAlias("q"))
}

/** The options as the command line gave them: `EchoPlan.ts` makes a plan of it. */
export type EchoOptions = Command.Command.ParseConfig<typeof options>
