#!/bin/sh
# Mosquitto with sessions that are kept: in memory, with a snapshot on the disk every half an hour.
# It wants a listener that is no WebSocket beside the one that is. mosquitto_server.sh PORT FOLDER
cat >"$2/mosquitto.conf" <<CONF
listener 0 $2/socket
listener $1 127.0.0.1
socket_domain ipv4
protocol websockets
allow_anonymous true
persistence true
persistence_location $2/
set_tcp_nodelay true
connection_messages false
log_dest stderr
user $(id -un)
CONF
exec mosquitto -c "$2/mosquitto.conf" 2>&1
