#!/usr/bin/env bash
# Gives the plan file to the controller.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=outputs.sh
. infra/hooks/outputs.sh

file=${FARSHORE_PLAN_FILE:-farshore-plan.json}
workload=$(jq --raw-output .workload "$file")
group=$(output controller controllerResourceGroup)
app=$(output controller controllerAppName)
headers() {
  local key token
  key=$(az functionapp keys list --resource-group "$group" --name "$app" --query functionKeys.operators --output tsv) || return 1
  echo "x-functions-key: $key"
  # Where App Service asks for a token as well (make-webhook-application.sh).
  if [ -n "${FARSHORE_WEBHOOK_CLIENT_ID:-}" ]; then
    token=$(az account get-access-token --scope "api://$FARSHORE_WEBHOOK_CLIENT_ID/.default" \
      --query accessToken --output tsv) || return 1
    echo "Authorization: Bearer $token"
  fi
}
# Both go by standard input: arguments can be seen by everybody on the machine.
headers=$(headers)
curl --fail-with-body --silent --show-error --request PUT --header @- --header 'Content-Type: application/json' \
  --data-binary "@$file" "https://$app.azurewebsites.net/api/workloads/$workload/plan" <<<"$headers"
