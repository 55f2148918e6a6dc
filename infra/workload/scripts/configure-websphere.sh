#!/usr/bin/env bash
# Does what the tutorial clicks in WebSphere's console, and what it leaves out: session persistence,
# connection pool, DNS caching, the application, a ripple start. May be run again, for example to
# bring a new version of the application.
#
# Needs az, tar, base64, and in the environment:
#   EAR_URL     where the deployment manager can download websphere-cafe.ear
#   EAR_SHA256  its checksum; what has another one is not installed
set -euo pipefail

: "${EAR_URL:?an address of websphere-cafe.ear that the deployment manager can read}"
: "${EAR_SHA256:?the checksum of websphere-cafe.ear}"
# Both become words of a command that runs as root on the deployment manager.
if [[ ! $EAR_SHA256 =~ ^[0-9a-f]{64}$ || $EAR_URL == *\'* ]]; then
  echo "EAR_SHA256 is not a SHA-256 in small letters, or EAR_URL has a quote." >&2
  exit 1
fi

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../hooks/outputs.sh
. "$here/../../hooks/outputs.sh"
# shellcheck source=run-on.sh
. "$here/run-on.sh"

dmgr=$(output workload dmgrVmId)
managed=$(output workload managedVmIds)
web_servers=$(output workload webServerVmIds)

for machine in $dmgr $managed; do run_on "$machine" "$(cat "$here/dns-cache.sh")"; done
for machine in $dmgr $web_servers; do run_on "$machine" "$(cat "$here/forget-share.sh")"; done

# The scripts travel inside the command: the machine needs no access to where we keep them.
bundle=$(tar -C "$here/websphere" -czf - . | base64 | tr -d '\n')
run_on "$dmgr" "set -eu
work=\$(mktemp -d)
trap 'rm -rf \"\$work\"' EXIT
echo '$bundle' | base64 -d | tar -xzf - -C \"\$work\"
bash \"\$work/configure.sh\" '$EAR_URL' '$EAR_SHA256'"
echo "WebSphere is configured."
