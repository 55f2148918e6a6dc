#!/usr/bin/env bash
# Makes what lives inside the database: the table for HTTP sessions and the contained user for the lag
# sampling. Both are replicated with the database. May be run again.
#
# Needs az (logged in as the servers' Entra administrator) and sqlcmd (https://github.com/microsoft/go-sqlcmd).
# A deploymentScript could do it too, but it needs an account with keys and a container instance.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../hooks/outputs.sh
. "$here/../../hooks/outputs.sh"

server_id=$(output workload preferredSqlServerId)
database=$(output workload databaseName)
user_name=$(output workload lagSamplingUserName)
user_id=$(output workload lagSamplingUserId)
group=$(output workload preferredResourceGroup)
server=${server_id##*/}
rule=init-database-$$
opened=no

close() {
  if [ "$opened" = yes ]; then
    az sql server firewall-rule delete --resource-group "$group" --server "$server" --name "$rule" --output none
  fi
}
trap close EXIT

query() {
  sqlcmd -S "$server.database.windows.net" -d "$database" -b \
    --authentication-method ActiveDirectoryAzCli "$@"
}

# The server's refusal is the one place that says which address it sees us with.
if ! answer=$(query -Q 'SELECT 1' 2>&1); then
  address=$(sed -n "s/.*IP address '\([0-9.]*\)'.*/\1/p" <<<"$answer" | head -n 1)
  if [ -z "$address" ]; then
    echo "$answer" >&2
    exit 1
  fi
  az sql server firewall-rule create --resource-group "$group" --server "$server" --name "$rule" \
    --start-ip-address "$address" --end-ip-address "$address" --output none
  opened=yes
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if query -Q 'SELECT 1' >/dev/null 2>&1; then break; fi
    if [ "$attempt" = 10 ]; then
      echo "The firewall rule for $address does not let us in." >&2
      exit 1
    fi
    sleep 15
  done
fi

query -i "$here/sessions-table.sql"
echo "The table sessions is there."

if [ -n "$user_id" ]; then
  query -v "user_name=$user_name" -v "user_id=$user_id" -i "$here/lag-sampling-user.sql"
  echo "The user $user_name may read the replication's state."
fi
