#!/usr/bin/env bash
# Makes the function keys that alerts and people use, each of its own, once the app runs. A key that
# is there is left as it is: action groups have it in their addresses.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

group=$(output controller controllerResourceGroup)
app=$(output controller controllerAppName)
for name in alerts operators; do
  is_there=$(az functionapp keys list --resource-group "$group" --name "$app" \
    --query "contains(keys(functionKeys), '$name')" --output tsv)
  if [ "$is_there" != true ]; then
    az functionapp keys set --resource-group "$group" --name "$app" \
      --key-type functionKeys --key-name "$name" --output none
  fi
done
remember FARSHORE_APP_IS_PUBLISHED true
