#!/usr/bin/env bash
# Publishes target/function-app without azd. zip keeps the execute bit; a package without it makes an
# app that never starts. On Elastic Premium the package is a blob that the platform mounts, and whoever
# runs this needs Storage Blob Data Contributor on its account.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=outputs.sh
. infra/hooks/outputs.sh

[ -x target/function-app/farshore ] || { echo "target/function-app is not there: run cargo xtask stage" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=$work/farshore.zip
(cd target/function-app && zip --quiet --recurse-paths "$package" .)

group=$(output controller controllerResourceGroup)
app=$(output controller controllerAppName)
blob=$(output controller mountedPackageUrl)
if [ -n "$blob" ]; then
  az storage blob upload --blob-url "$blob" --file "$package" --overwrite --auth-mode login --output none
  az functionapp restart --resource-group "$group" --name "$app"
else
  az functionapp deployment source config-zip --src "$package" --resource-group "$group" --name "$app" --output none
fi
