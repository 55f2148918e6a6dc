#!/usr/bin/env bash
# Puts the coffee "farshore-sentinel" into the application's data, through the name that users know. A
# plan whose data_contains is that name then proves, after a failover, that the right data answers.
# May be run again. Needs az and curl.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../hooks/outputs.sh
. "$here/../../hooks/outputs.sh"

coffees=http://$(output workload trafficManagerDnsName)/websphere-cafe/rest/coffees
sentinel=farshore-sentinel

posted=no
# The name leads nowhere until Traffic Manager's probe has found the application.
for _ in $(seq 1 40); do
  if found=$(curl --fail --silent --max-time 10 --header 'Accept: application/xml' "$coffees"); then
    if grep -q "$sentinel" <<<"$found"; then
      echo "The sentinel is there."
      exit 0
    fi
    if [ "$posted" = no ]; then
      curl --fail --silent --show-error --max-time 10 --output /dev/null \
        --header 'Content-Type: application/xml' \
        --data "<coffee><name>$sentinel</name><price>0.0</price></coffee>" "$coffees"
      posted=yes
      continue
    fi
  fi
  sleep 15
done
echo "$coffees does not answer with the sentinel." >&2
exit 1
