#!/usr/bin/env bash
# Publishes target/function-app without azd. zip keeps the execute bit; a package without it makes an
# app that never starts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=outputs.sh
. "$here/outputs.sh"

package=$(mktemp -d)/farshore.zip
[ -x target/function-app/farshore ] || { echo "target/function-app is not there: run cargo xtask stage" >&2; exit 1; }
(cd target/function-app && zip --quiet --recurse-paths "$package" .)
az functionapp deployment source config-zip --src "$package" \
  --resource-group "$(output controller controllerResourceGroup)" --name "$(output controller controllerAppName)" --output none
