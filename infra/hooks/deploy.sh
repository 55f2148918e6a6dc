#!/usr/bin/env bash
# The whole installation with plain az, for who does not use azd:
#   infra/hooks/deploy.sh LOCATION PARAMETERS.json
# LOCATION is where deployments are recorded: the standby region. PARAMETERS.json is
# infra/main.parameters.json with values in place of its ${…}. May be run again.
set -euo pipefail
cd "$(dirname "$0")/../.."

location=$1
parameters=$2
deploy() {
  az deployment sub create --name farshore --location "$location" --template-file infra/main.bicep \
    --parameters "@$parameters" "$@" --output none
}

cargo xtask stage
infra/workload/scripts/accept-terms.sh
deploy
infra/hooks/after-system.sh
infra/hooks/publish-app.sh
infra/hooks/make-keys.sh
deploy machinesAreProtected=true appIsPublished=true
infra/hooks/write-plan.sh
infra/hooks/publish-plan.sh
