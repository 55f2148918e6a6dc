#!/usr/bin/env bash
# What the first deployment leaves to be done: in the database, in WebSphere, and the long wait. Needs
# EAR_URL and EAR_SHA256, the application (infra/workload/README.md).
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "${FARSHORE_WORKLOAD_MOVED:-false}" = true ]; then
  echo "The workload runs in the standby region: its machines and its data are left alone."
  exit 0
fi
infra/workload/scripts/init-database.sh
infra/workload/scripts/configure-websphere.sh
infra/workload/scripts/seed-sentinel.sh
infra/hooks/wait-for-protection.sh
infra/replication/scripts/pin-addresses.sh
