import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../OptionKinds.ts"
import * as EchoKinds from "./EchoKinds.ts"

const text = (name: string, description: string) =>
  Options.text(name).pipe(Options.withDescription(description), Options.optional)

const flag = (name: string, description: string) => Options.boolean(name).pipe(Options.withDescription(description))

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
    "Clients, all connected at one time. 10000 unless given.",
    "c"
  ).pipe(Options.withDefault(10_000)),
  delay: OptionKinds.value(
    "delay",
    OptionKinds.duration({ least: 0, most: DAY, mostText: "24h" }),
    "How long the built-in conversation pauses before each message. 60s unless given."
  ).pipe(Options.optional),
  urls: Options.text("url").pipe(
    Options.withDescription(
      "Server to connect to; given several times, the clients take them in turn. ws://localhost:8000/test/ws/ unless given, here or in the scenario."
    ),
    Options.repeated
  ),
  scenario: text("scenario", "YAML or JSON file with the conversation to hold, in place of the built-in one."),
  ramp: text(
    "ramp",
    "How the clients connect: random:30s, rate:500 (a second), steps:1000/10s, once. The built-in conversation: random over twice the delay; any other: rate:1000."
  ),
  rate: OptionKinds.value(
    "rate",
    EchoKinds.rate,
    "Messages a second over all clients, each at its planned time whatever the replies do; or stages, such as '0->2000/s in 30s, 2000/s for 5m'. Without --scenario: echoes of --message, from ws://localhost:8000/test/echo/ unless --url is given. A number needs --duration."
  ).pipe(Options.optional),
  duration: OptionKinds.value(
    "duration",
    OptionKinds.duration(),
    "How long to go on once all clients are connected: 30s, 5m. Conversations start again until then."
  ).pipe(Options.optional),
  arrivals: OptionKinds.value(
    "arrivals",
    EchoKinds.stages,
    "Clients that come by a schedule, hold one conversation each and are gone, whatever the server does: '20/s for 1m', '0->500/s in 30s, 500/s for 5m', '100 at once'. In place of --clients, --ramp and --duration."
  ).pipe(Options.optional),
  maxClients: OptionKinds.value(
    "max-clients",
    OptionKinds.whole(1, MOST_CLIENTS),
    "With --arrivals: no more at one time; those that would come meanwhile are not started, and counted as `dropped`."
  ).pipe(Options.optional),
  warmUp: OptionKinds.value(
    "warm-up",
    OptionKinds.duration(),
    "Load before --duration, or at the beginning of --arrivals, that counts in no figure."
  ).pipe(Options.optional),
  message: text("message", "Text to send with --rate; {{client}}, {{round}} and {{message}} are filled in."),
  // Longer waits for one reply are no use, and their times would not fit into the histograms.
  timeout: OptionKinds.value(
    "timeout",
    OptionKinds.duration({ most: HOUR, mostText: "1h" }),
    "Longest time for connecting, for a reply and for closing. 30s unless given."
  ).pipe(Options.withDefault(30_000)),
  processes: OptionKinds.value(
    "processes",
    OptionKinds.whole(1, MOST_PROCESSES),
    "Processes that share the clients. 1 unless given."
  ).pipe(Options.withDefault(1)),
  agents: OptionKinds.value(
    "agents",
    OptionKinds.whole(1, MOST_PROCESSES),
    "Machines that share the clients: so many `echo agent` that --nats has."
  ).pipe(Options.optional),
  nats: text("nats", "With --agents: the servers of NATS (nats://host:4222, with commas between) that they joined."),
  natsCreds: text("nats-creds", "File with the credentials for NATS."),
  repeat: OptionKinds.value(
    "repeat",
    OptionKinds.whole(1, MOST_RUNS),
    "Runs of the same plan, one after the other: their spread tells change from chance (see `echo compare`). 1 unless given."
  ).pipe(Options.withDefault(1)),
  find: text(
    "find",
    "Searches for the most `clients`, or the highest `rate`, that hold every --threshold: doubles the load, then halves the interval. 'rate>=1000' ends with 99 where less is found."
  ),
  findMost: OptionKinds.value(
    "find-most",
    OptionKinds.rate("clients or messages"),
    "Where the search ends that broke nothing."
  ).pipe(Options.optional),
  findWithin: OptionKinds.value(
    "find-within",
    OptionKinds.share,
    "How close the search comes: the part by which what broke is above what held. 5% unless given."
  ).pipe(Options.withDefault(0.05)),
  localAddress: text(
    "local-address",
    "Source addresses, taken in turn: a list or a range, such as 127.0.0.1-127.0.0.4."
  ),
  thresholds: Options.text("threshold").pipe(
    Options.withDescription(
      "Bar for a figure, such as 'rtt.p99<50ms' or 'failed.share<1%': exit status 99 where it fails. Repeatable."
    ),
    Options.repeated
  ),
  abortOn: Options.text("abort-on").pipe(
    Options.withDescription(
      "Ends the run at once, with exit status 99, when this comes true, such as 'failed>100' or 'rtt.p99[10s]>1s'. Repeatable."
    ),
    Options.repeated
  ),
  json: text(
    "json",
    "File for every figure, the failures and the time series, as JSON; standard output for - or without a file."
  ),
  csv: text("csv", "File for the time series, a row a second."),
  html: text("html", "File for a page with tables and charts that needs no network."),
  streams: Options.text("stream").pipe(
    Options.withDescription(
      "Tells the run to others each second while it goes on: jsonl=FILE, prometheus=PORT, remote-write=URL, statsd=HOST:PORT, otlp=URL. Repeatable."
    ),
    Options.repeated
  ),
  ui: text(
    "ui",
    "Serves a page that shows the run as it goes, and steers it: at this PORT, or HOST:PORT; without one at 127.0.0.1:8090."
  ),
  seed: OptionKinds.value("seed", OptionKinds.whole(0), "Makes the random times the same in every run.").pipe(
    Options.optional
  ),
  headers: Options.text("header").pipe(
    Options.withDescription(
      "Header of the handshake, such as 'Authorization: Bearer abc'; its value is a template. Repeatable."
    ),
    Options.repeated
  ),
  cookies: Options.text("cookie").pipe(
    Options.withDescription("Cookie of the handshake, such as 'session=abc'; its value is a template. Repeatable."),
    Options.repeated
  ),
  subprotocols: Options.text("subprotocol").pipe(
    Options.withDescription("Subprotocol to offer, the best first. Repeatable."),
    Options.repeated
  ),
  compress: flag(
    "compress",
    "Offer compression of messages (permessage-deflate); the report tells what the server agreed to."
  ),
  ca: text("ca", "File with certificates (PEM) to trust instead of the system's."),
  cert: text("cert", "File with the clients' own certificate (PEM), for servers that ask for one. Needs --key."),
  key: text("key", "File with the key of --cert (PEM)."),
  servername: text(
    "servername",
    "Name to ask for in TLS (SNI), and that the certificate must be of, in place of the url's host."
  ),
  insecure: flag("insecure", "Take whatever certificate the server has.").pipe(Options.withAlias("k")),
  tlsResume: flag("tls-resume", "Clients that connect again offer to resume their TLS session, as browsers do."),
  proxy: text("proxy", "HTTP proxy to connect through: http://HOST:PORT, also with a user and a password."),
  unixSocket: text("unix-socket", "Unix socket to connect to, in place of the url's host and port."),
  force: flag("force", "Start although this machine's limits seem too low."),
  plain: flag("plain", "Plain lines on a terminal too, in place of the live view."),
  quiet: flag("quiet", "Say nothing but what is wrong: no progress, no summary; files are written.").pipe(
    Options.withAlias("q")
  )
}

/** What the command line gave, as it is: `EchoPlan.ts` makes a plan of it. */
export type EchoOptions = Command.Command.ParseConfig<typeof options>
