#!/usr/bin/env bash
# Gives the plan file to the controller.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

file=${FARSHORE_PLAN_FILE:-farshore-plan.json}
workload=$(sed -n 's/^ *"workload": *"\([^"]*\)".*/\1/p' "$file" | head -n 1)
group=$(output controller controllerResourceGroup)
app=$(output controller controllerAppName)
key=$(az functionapp keys list --resource-group "$group" --name "$app" --query functionKeys.operators --output tsv)
# The key goes by standard input: arguments can be seen by everybody on the machine.
curl --fail-with-body --silent --show-error --request PUT --header @- --header 'Content-Type: application/json' \
  --data-binary "@$file" "https://$app.azurewebsites.net/api/workloads/$workload/plan" <<<"x-functions-key: $key"
