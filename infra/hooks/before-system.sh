#!/usr/bin/env bash
# Before each deployment: the images' terms, and where the workload runs now. A deployment after a
# failover that did not know would give traffic and database back to the lost region.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/hooks/outputs.sh
. infra/hooks/outputs.sh

infra/workload/scripts/accept-terms.sh
moved=$(infra/workload/scripts/workload-moved.sh "${AZURE_ENV_NAME:?the name of the environment}")
remember FARSHORE_WORKLOAD_MOVED "$moved"
echo "workloadMoved is $moved."
