# The image of effect-c10k: Node with its libraries, and the packed package. For several processes give `--nats` too.
#
#     docker build -t effect-c10k .
#     docker run --init --rm -p 8000:8000 --ulimit nofile=1048576 effect-c10k
#
# test/Deploy/Files.test.ts checks what this file names, and test/Package.test.ts runs the steps of the stage `files` and the result in a chroot.

FROM node:22-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm pack --ignore-scripts --pack-destination /tmp && mv /tmp/effect-c10k-*.tgz /tmp/effect-c10k.tgz

FROM node:22-bookworm-slim AS files
WORKDIR /app
COPY --from=build /tmp/effect-c10k.tgz /tmp/effect-c10k.tgz
# dist/main.js has the command line with its dependencies in it. Only the packages of NATS are loaded from node_modules.
RUN tar -xzf /tmp/effect-c10k.tgz && \
    cd package && \
    npm install --omit=dev --omit=peer --ignore-scripts --no-save --legacy-peer-deps @nats-io/jetstream@3.3.1 @nats-io/transport-node@3.3.1

FROM gcr.io/distroless/nodejs22-debian12:nonroot
LABEL org.opencontainers.image.title="effect-c10k" \
      org.opencontainers.image.description="A WebSocket relay server, a distributed Game of Life and a checking load tester" \
      org.opencontainers.image.licenses="MIT"
COPY --from=files /app/package /app
ENV NODE_ENV=production NODE_DISABLE_COMPILE_CACHE=1
USER nonroot
EXPOSE 8000
STOPSIGNAL SIGTERM
# The image has no shell and no curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:8000/healthz').then((r) => process.exit(r.ok ? 0 : 1), (e) => { console.error(e.cause ?? e); process.exit(1) })"]
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/main.js"]
CMD ["serve", "--host", "0.0.0.0", "--insecure"]
