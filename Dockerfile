# Images of the operator and of the PostgreSQL provider. `npm run images` prepares dist/images and builds both:
# nothing is compiled or installed in here, so that a build needs no network and no npm.
FROM node:24-bookworm-slim AS base
ENV NODE_ENV=production
WORKDIR /app
# Numeric, so that the kubelet can tell that it is not root.
USER 65532:65532

FROM base AS operator
COPY dist/images/operator ./
CMD ["node", "dist/main.js"]

FROM base AS provider-postgres
COPY dist/images/provider-postgres ./
CMD ["node", "dist/providers/postgres/main.js"]
