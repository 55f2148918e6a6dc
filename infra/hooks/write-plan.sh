#!/usr/bin/env bash
# Writes the plan file from what the deployment has put out (infra/plan.bicep). Look at it before
# publish-plan.sh gives it to the controller: objectives, mode and drills are yours to choose.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=outputs.sh
. infra/hooks/outputs.sh

file=${FARSHORE_PLAN_FILE:-farshore-plan.json}
new=$(mktemp)
trap 'rm -f "$new"' EXIT
az deployment sub show --name "farshore-$AZURE_ENV_NAME-plan" --query properties.outputs.plan.value --output json > "$new"
if [ -e "$file" ] && ! cmp --silent "$new" "$file"; then
  cp "$file" "$file.before"
  echo "$file was another one: it is kept as $file.before."
fi
cp "$new" "$file"
echo "The plan is in $file."
