#!/bin/sh
# Makes the database at the first start as the public image does from POSTGRES_PASSWORD, POSTGRES_USER and POSTGRES_DB,
# then runs the server. Passwords go by files and pipes, never on a command line.
set -eu

if [ "${1:-postgres}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?must be set to make a new database}"
  user=${POSTGRES_USER:-postgres}
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  password_file=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
  initdb --pgdata="$PGDATA" --username="$user" --pwfile="$password_file" --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256
  rm "$password_file"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  # A server without TCP until the database is there: nobody can meet it half made.
  pg_ctl --pgdata="$PGDATA" --wait --options="-c listen_addresses='' -k /tmp" start
  if [ "${POSTGRES_DB:-$user}" != postgres ]; then
    createdb --host=/tmp --username="$user" "${POSTGRES_DB:-$user}"
  fi
  pg_ctl --pgdata="$PGDATA" --wait --mode=fast stop
fi

[ "${1:-postgres}" = postgres ] || exec "$@"
[ $# -eq 0 ] || shift
exec postgres -c listen_addresses='*' "$@"
