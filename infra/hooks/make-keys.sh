#!/usr/bin/env bash
# Makes the function keys that alerts and people use, each of its own, once the app runs. A key that
# is there is left as it is: action groups have it in their addresses.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

group=$(output controller controllerResourceGroup)
app=$(output controller controllerAppName)
# The host answers for its keys only when it runs, and its roles may take minutes to be known to it.
for attempt in $(seq 1 40); do
  if az functionapp keys list --resource-group "$group" --name "$app" --output none 2>/dev/null; then break; fi
  if [ "$attempt" = 40 ]; then
    echo "$app has not started within ten minutes: see its log stream in the portal." >&2
    exit 1
  fi
  sleep 15
done
for name in alerts operators; do
  is_there=$(az functionapp keys list --resource-group "$group" --name "$app" \
    --query "type(functionKeys.$name) == 'string'" --output tsv)
  if [ "$is_there" != true ]; then
    az functionapp keys set --resource-group "$group" --name "$app" \
      --key-type functionKeys --key-name "$name" --output none
  fi
done
remember FARSHORE_APP_IS_PUBLISHED true
