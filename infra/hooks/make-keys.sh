#!/usr/bin/env bash
# Makes the keys that alerts and people use, each of its own, once the app runs. The alerts' key is in the
# addresses of action groups, where others can read it: it opens the one function that takes alerts. A
# key that is there is left as it is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

group=$(output controller controllerResourceGroup)
app=$(output controller controllerAppName)
keys_of_app() { az functionapp keys "$1" --resource-group "$group" --name "$app" "${@:2}"; }
keys_of_alerts() { az functionapp function keys "$1" --resource-group "$group" --name "$app" --function-name ingest_alert "${@:2}"; }
# The host answers for its keys only when it runs, and its roles may take minutes to be known to it.
for attempt in $(seq 1 40); do
  if keys_of_alerts list --output none 2>/dev/null; then break; fi
  if [ "$attempt" = 40 ]; then
    echo "$app has not started within ten minutes: see its log stream in the portal." >&2
    exit 1
  fi
  sleep 15
done
is_there=$(keys_of_alerts list --query "type(alerts) == 'string'" --output tsv)
if [ "$is_there" != true ]; then keys_of_alerts set --key-name alerts --output none; fi
is_there=$(keys_of_app list --query "type(functionKeys.operators) == 'string'" --output tsv)
if [ "$is_there" != true ]; then keys_of_app set --key-type functionKeys --key-name operators --output none; fi
remember FARSHORE_APP_IS_PUBLISHED true
