#!/bin/sh
# What both bases of the executor image share; runs as root inside of what becomes the image, Node at /usr/local/bin/node.
set -eu

# The agent has the user id 1000; the official Node image has a user of that id under another name.
if name=$(getent passwd 1000 | cut -d: -f1) && [ -n "$name" ]; then
  usermod --login agent --home /home/agent "$name"
  groupmod --new-name agent "$(getent group 1000 | cut -d: -f1)"
else
  groupadd --gid 1000 agent
  useradd --uid 1000 --gid 1000 --home-dir /home/agent --no-create-home --shell /bin/bash agent
fi

mkdir -p /workspace /home/agent /run/wegent /opt/engines /opt/executor
chown agent:agent /workspace /home/agent
# Tells Node what the bundle is, which otherwise has to be found out by reading it twice.
echo '{"type":"module"}' > /opt/executor/package.json

# Who can run a program but not read it cannot look into its process: so the executor's memory, environment and open
# files are closed to the agent, which has the same user id. Programs of the agent use the other, ordinary Node.
install -D -m 0711 /usr/local/bin/node /opt/node/bin/node

# npm, where it was copied along instead of coming with the base.
if [ -d /usr/local/lib/node_modules/npm ] && [ ! -e /usr/local/bin/npm ]; then
  ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
  ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
fi

git lfs install --system --skip-repo
rm -f /setup.sh /packages.txt
