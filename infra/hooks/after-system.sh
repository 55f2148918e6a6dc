#!/usr/bin/env bash
# What the first deployment leaves to be done: in the database, in WebSphere, and the long wait.
set -euo pipefail
cd "$(dirname "$0")/../.."

infra/workload/scripts/init-database.sh
infra/workload/scripts/configure-websphere.sh
infra/workload/scripts/seed-sentinel.sh
infra/hooks/wait-for-protection.sh
