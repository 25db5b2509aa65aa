#!/bin/sh
# NATS with JetStream on files, which it syncs every two minutes. nats_server.sh PORT FOLDER
cat >"$2/nats.conf" <<CONF
listen: "127.0.0.1:-1"
websocket { listen: "127.0.0.1:$1", no_tls: true }
jetstream { store_dir: "$2/stream" }
CONF
exec nats-server -c "$2/nats.conf" 2>&1
