#!/usr/bin/env bash
# What the first deployment leaves to be done: in the database, in WebSphere, and the long wait. Needs
# EAR_URL and EAR_SHA256, the application (infra/workload/README.md).
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=outputs.sh
. infra/hooks/outputs.sh

moved=$(infra/workload/scripts/workload-moved.sh "$AZURE_ENV_NAME")
if [ "$moved" = true ]; then
  echo "The workload runs in the standby region: its machines and its data are left alone."
  exit 0
fi
infra/workload/scripts/init-database.sh
# It ends with a restart of the cluster, which no later deployment should bring about by itself.
if [ -n "${FARSHORE_INSTALLED_EAR:-}" ] && [ "${EAR_SHA256:-$FARSHORE_INSTALLED_EAR}" = "$FARSHORE_INSTALLED_EAR" ]; then
  echo "WebSphere has this application already."
else
  infra/workload/scripts/configure-websphere.sh
  remember FARSHORE_INSTALLED_EAR "$EAR_SHA256"
fi
infra/workload/scripts/seed-sentinel.sh
infra/hooks/wait-for-protection.sh
infra/replication/scripts/pin-addresses.sh
