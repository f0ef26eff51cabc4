# Everything of the executor image that seldom changes: Node and the tools of a coding agent.
# `npm run executor:image -- --offline` makes the same from Debian's packages without a registry.
FROM node:24-bookworm-slim
COPY packages.txt setup.sh /
RUN apt-get update \
 && xargs apt-get install -y --no-install-recommends < /packages.txt \
 && rm -rf /var/lib/apt/lists/* \
 && sh /setup.sh
