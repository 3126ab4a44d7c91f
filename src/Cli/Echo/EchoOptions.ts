import * as Kind from "../../Text/Kind.ts"
import * as Flag from "../Flag.ts"
import * as EchoKinds from "./EchoKinds.ts"

const MAX_PROCESSES = 256
const MAX_RUNS = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR

export const options = {
  target: Flag.optionalArgument("url", "The server to connect to: the same as --url."),
  ...Flag.group("The server", {
    urls: Flag.texts(
      "url",
      "URL",
      "The server to connect to. Repeatable: clients use the URLs in turn. (default: the URL of the scenario, else ws://localhost:8000/test/ws/)"
    ),
    headers: Flag.texts(
      "header",
      "HEADER",
      "A header of the handshake, such as 'Authorization: Bearer abc'. Its value is a template. Repeatable."
    ),
    cookies: Flag.texts(
      "cookie",
      "COOKIE",
      "A cookie of the handshake, such as 'session=abc'. Its value is a template. Repeatable."
    ),
    subprotocols: Flag.texts(
      "subprotocol",
      "NAME",
      "A subprotocol to offer. Repeatable; the preferred one comes first."
    ),
    compress: Flag.flag(
      "compress",
      "Offer compression of messages (permessage-deflate). The report says what the server accepted."
    ),
    proxy: Flag.optionalText(
      "proxy",
      "URL",
      "HTTP proxy to connect through: http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT."
    ),
    unixSocket: Flag.optionalText(
      "unix-socket",
      "PATH",
      "Unix socket to connect to, instead of the URL's host and port."
    )
  }),
  ...Flag.group("What clients do", {
    scenario: Flag.optionalText(
      "scenario",
      "FILE",
      "YAML or JSON file with the conversation of each client. (default: a built-in conversation)"
    ),
    dryRun: Flag.flag(
      "dry-run",
      "Hold one conversation (of each scenario) and print every message with its time, instead of a load test."
    ),
    delay: Flag.value(
      "delay",
      Kind.duration(0, DAY),
      "How long the built-in conversation pauses before each message. (default: 60s)"
    ).pipe(Flag.optional),
    message: Flag.optionalText(
      "message",
      "TEXT",
      "With --rate: the text to send. It is a template with {{client}}, {{round}} and {{message}}."
    ),
    // Longer times would not fit into the histograms.
    timeout: Flag.value(
      "timeout",
      Kind.duration(1, HOUR),
      "The most time for connecting, for a reply and for closing."
    ).pipe(Flag.withDefault(30_000)),
    seed: Flag.value(
      "seed",
      Kind.whole(0),
      "Seed of the random times and values: the same seed gives the same ones."
    ).pipe(Flag.optional)
  }),
  ...Flag.group("How many, and when", {
    clients: Flag.value(
      "clients",
      EchoKinds.clients,
      "Number of clients, all connected at the same time; or stages of their number, such as '0->500 in 30s, 500 for 5m, 500->0 in 1m', whose length is then the duration.",
      "c"
    ).pipe(Flag.withDefault(10_000)),
    ramp: Flag.optionalText(
      "ramp",
      "RAMP",
      "How the clients connect: random:30s (at random times), rate:500 (per second), steps:1000/10s, or once. (default: rate:1000; for the built-in conversation random, over twice the delay)"
    ),
    duration: Flag.value(
      "duration",
      Kind.duration(),
      "How long the load lasts after all clients have connected. Conversations start again until then."
    ).pipe(Flag.optional),
    rate: Flag.value(
      "rate",
      EchoKinds.rate,
      "Messages per second of all clients together (an open model): each is sent at its planned time, even if replies are late. A number, which needs --duration, or stages such as '0->2000/s in 30s, 2000/s for 5m'. Without --scenario, clients send --message to an echo server. (default URL: ws://localhost:8000/test/echo/)"
    ).pipe(Flag.optional),
    arrivals: Flag.value(
      "arrivals",
      EchoKinds.stages,
      "Arrival rate (an open model): clients arrive by a schedule, hold one conversation and leave, even if the server is slow: '20/s for 1m', '0->500/s in 30s, 500/s for 5m', '100 at once'. Replaces --clients, --ramp and --duration."
    ).pipe(Flag.optional),
    maxClients: Flag.value(
      "max-clients",
      Kind.whole(1, EchoKinds.MAX_CLIENTS),
      "With --arrivals: the most clients at the same time. Further clients do not start and count as `dropped`."
    ).pipe(Flag.optional),
    warmUp: Flag.value("warm-up", Kind.duration(), "How long the load lasts before its figures count.").pipe(
      Flag.optional
    )
  }),
  ...Flag.group("Pass or fail", {
    thresholds: Flag.texts(
      "threshold",
      "BAR",
      "A condition on a figure, besides those of the scenario, such as 'rtt.p99<50ms' or 'failed.share<1%'. If it does not hold, the exit status is 99. Repeatable."
    ),
    abortOn: Flag.texts(
      "abort-on",
      "BAR",
      "End the run at once, with exit status 99, when this condition becomes true, such as 'failed>100' or 'rtt.p99[10s]>1s'. Repeatable."
    )
  }),
  ...Flag.group("Several runs", {
    repeat: Flag.value(
      "repeat",
      Kind.whole(1, MAX_RUNS),
      "Number of runs of the same plan, one after the other. Their spread shows which differences are chance: see `echo compare`."
    ).pipe(Flag.withDefault(1)),
    find: Flag.optionalText(
      "find",
      "WHAT",
      "Search for the most `clients`, or the highest `rate`, at which every --threshold passes: double the load, then halve the interval. With 'rate>=1000' the exit status is 99 if less is found."
    ),
    findMost: Flag.value("find-most", Kind.rate("clients or messages"), "The highest load that the search tries.").pipe(
      Flag.optional
    ),
    findWithin: Flag.value(
      "find-within",
      Kind.share,
      "The precision of the search: it ends when the highest load that passed is at most this part below the lowest that failed."
    ).pipe(Flag.withDefault(0.05, "5%"))
  }),
  ...Flag.group("Where the load comes from", {
    processes: Flag.value("processes", Kind.whole(1, MAX_PROCESSES), "Processes that share the clients.").pipe(
      Flag.withDefault(1)
    ),
    agents: Flag.value(
      "agents",
      Kind.whole(1, MAX_PROCESSES),
      "Run on this number of agents (`echo agent`) that have joined --nats, usually on other machines."
    ).pipe(Flag.optional),
    nats: Flag.optionalText(
      "nats",
      "URLS",
      "NATS servers, such as nats://host:4222, separated by commas, that the agents have joined."
    ),
    natsCreds: Flag.optionalText("nats-creds", "FILE", "The credentials file for NATS."),
    localAddress: Flag.optionalText(
      "local-address",
      "ADDRESSES",
      "Source addresses, which clients use in turn: a list or a range, such as 127.0.0.1-127.0.0.4."
    ),
    force: Flag.flag("force", "Start even if the limits of this machine seem too low.")
  }),
  ...Flag.group("TLS", {
    ca: Flag.optionalText("ca", "FILE", "Certificates (PEM) to trust instead of those of the system."),
    cert: Flag.optionalText(
      "cert",
      "FILE",
      "The clients' certificate (PEM), for servers that ask for one. Needs --key."
    ),
    key: Flag.optionalText("key", "FILE", "The private key of --cert (PEM)."),
    servername: Flag.optionalText(
      "servername",
      "NAME",
      "The server name for TLS (SNI), which the server's certificate must have. (default: the host of the URL)"
    ),
    insecure: Flag.flag("insecure", "Accept any certificate.").pipe(Flag.withAlias("k")),
    tlsResume: Flag.flag("tls-resume", "Clients that connect again offer to resume their TLS session, as browsers do.")
  }),
  ...Flag.group("Reports", {
    json: Flag.optionalText(
      "json",
      "FILE",
      "Write every figure, the failures and the time series as JSON; to standard output for -, or without a file."
    ).pipe(Flag.withBare("-")),
    csv: Flag.optionalText("csv", "FILE", "Write the time series, one row per second."),
    html: Flag.optionalText("html", "FILE", "Write a page with tables and charts, which needs no network."),
    junit: Flag.optionalText(
      "junit",
      "FILE",
      "Write the conversations and each threshold as tests in JUnit's format, which CI systems show."
    ),
    streams: Flag.texts(
      "stream",
      "SINK",
      "Send the figures of each second during the run to jsonl=FILE, prometheus=PORT, remote-write=URL, statsd=HOST:PORT or otlp=URL. Repeatable."
    ),
    ui: Flag.optionalText(
      "ui",
      "ADDRESS",
      "Serve a page that shows the run and can change its load, at PORT or HOST:PORT. Without an address: 127.0.0.1:8090."
    ).pipe(Flag.withBare("8090")),
    plain: Flag.flag("plain", "Write plain lines to a terminal, instead of the live view."),
    quiet: Flag.flag("quiet", "Write only errors and the files.").pipe(Flag.withAlias("q"))
  })
}

/** The options as the command line gave them. `EchoPlan.ts` makes a plan from them. */
export type EchoOptions = Omit<Flag.Given<typeof options>, "target">
