#!/bin/sh
# The first process of an engine's own process, mount and network namespaces: when it is killed, the kernel ends every
# container and takes every mount, bridge and rule with it.
#   $1 state folder   $2 port of the Kubernetes API on the namespace's loopback   $3 control group   $4 runc to use
set -eu
PATH=$PATH:/usr/sbin:/sbin
ip link set lo up
# Sockets and locks under /run would be shared with the machine's own engine otherwise.
mount -t tmpfs tmpfs /run
# The one way in: connections to this socket reach the Kubernetes API.
socat "UNIX-LISTEN:$1/api.sock,fork,mode=600" "TCP:127.0.0.1:$2" &
dockerd --host "unix://$1/docker.sock" --data-root "$1/docker" --pidfile /run/docker.pid --storage-driver overlay2 \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$3" --add-runtime "chosen=$4" --default-runtime chosen &
# Not exec: a shell collects the orphans that end in its process namespace, dockerd would not.
wait $!
