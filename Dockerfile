# syntax=docker/dockerfile:1
# Targets: production (the default; API, workers, migrate, doctor) and sandbox (the Stripe stand-in).
ARG NODE_IMAGE=node:24.19.0-bookworm-slim

# Compiled JavaScript is the same on every platform, so nothing here runs emulated.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npm run build

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS dependencies
ARG TARGETARCH
WORKDIR /app
COPY package.json package-lock.json ./
# Plain --omit=dev would keep Prisma's CLI and TypeScript, which are optional peers of its client.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
# Temporal's package carries its native library for five platforms, 25 to 30 MB each.
RUN case "$TARGETARCH" in \
      amd64) keep=x86_64-unknown-linux-gnu ;; \
      arm64) keep=aarch64-unknown-linux-gnu ;; \
      *) echo "no native library of Temporal for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && test -d "node_modules/@temporalio/core-bridge/releases/$keep" \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
         ! -name "$keep" -exec rm -r {} +

FROM ${NODE_IMAGE} AS runtime
# The slim image has no certificate authorities, and Temporal's native client reads the system's.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./package.json
COPY deploy/is-ready.cjs ./deploy/is-ready.cjs

FROM runtime AS sandbox
COPY --from=build /app/dist/sandbox ./dist/sandbox
ENV SANDBOX_HOST=0.0.0.0
ENV SANDBOX_PORT=12111
USER node
EXPOSE 12111
CMD ["node", "--enable-source-maps", "dist/sandbox/main.js"]

FROM runtime AS production
# Only what the processes load: no tests, no development commands, no sandbox, and no workflow
# sources, which the workers read from the bundle.
COPY --from=build /app/dist/activities ./dist/activities
COPY --from=build /app/dist/adapters ./dist/adapters
COPY --from=build /app/dist/api ./dist/api
COPY --from=build /app/dist/application ./dist/application
COPY --from=build /app/dist/config ./dist/config
COPY --from=build /app/dist/contracts ./dist/contracts
COPY --from=build /app/dist/domain ./dist/domain
COPY --from=build /app/dist/generated ./dist/generated
COPY --from=build /app/dist/operate ./dist/operate
COPY --from=build /app/dist/prisma ./dist/prisma
COPY --from=build /app/dist/workers ./dist/workers
COPY --from=build /app/dist/workflow-bundle.js ./dist/workflow-bundle.js
COPY --from=build /app/prisma/migrations ./prisma/migrations
COPY --from=build /app/prisma/schema.prisma ./prisma/schema.prisma
ENV WORKFLOW_BUNDLE_PATH=/app/dist/workflow-bundle.js
# A container has its own network, and what reaches into it is the compose file's decision.
ENV API_HOST=0.0.0.0
ENV WORKER_HEALTH_HOST=0.0.0.0
USER node
EXPOSE 3000 3001 3002
CMD ["node", "--enable-source-maps", "dist/api/main.js"]
