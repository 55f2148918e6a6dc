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
# shellcheck source=outputs.sh
. "$here/outputs.sh"
# shellcheck source=run-on.sh
. "$here/run-on.sh"

dmgr=''
while IFS=$'\t' read -r id role; do
  if [ "$role" = dmgr ]; then dmgr=$id; fi
  if [ "$role" != ihs ]; then run_on "$id" "$(cat "$here/dns-cache.sh")"; fi
  if [ "$role" != managed ]; then run_on "$id" "$(cat "$here/forget-share.sh")"; fi
done < <(output 'machines.value[].[id,role]')

if [ -z "$dmgr" ]; then
  echo "None of the machines is the deployment manager." >&2
  exit 1
fi

# The scripts travel inside the command: the machine needs no access to where we keep them.
bundle=$(tar -C "$here/websphere" -czf - . | base64 | tr -d '\n')
run_on "$dmgr" "set -eu
work=\$(mktemp -d)
trap 'rm -rf \"\$work\"' EXIT
echo '$bundle' | base64 -d | tar -xzf - -C \"\$work\"
bash \"\$work/configure.sh\" '$EAR_URL' '$EAR_SHA256'"
echo "WebSphere is configured."
