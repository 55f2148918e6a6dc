#!/usr/bin/env bash
# workload-moved.sh ENVIRONMENT_NAME: prints what the parameter workloadMoved has to be.
#
# A deployment states everything as it is in the normal state: after a failover it would enable the
# lost region's endpoint again and give the failover group to the wrong server. So ask before each one.
# A question that is not answered is an error, never "false". Needs az.
set -euo pipefail

environment=${1:?the name of the installation}
standby=rg-$environment-standby
global=rg-$environment-global

# Before the first deployment has made both, nothing can have moved.
for group in "$global" "$standby"; do
  exists=$(az group exists --name "$group" --output tsv)
  if [ "$exists" = false ]; then
    echo false
    exit 0
  fi
done

roles=''
servers=$(az sql server list --resource-group "$standby" --query '[].name' --output tsv)
for server in $servers; do
  roles+=$(az sql failover-group list --resource-group "$standby" --server "$server" \
    --query '[].replicationRole' --output tsv)
done
endpoints=$(az network traffic-manager profile list --resource-group "$global" \
  --query '[].endpoints[].endpointStatus' --output tsv)

if [[ $roles == *Primary* || $endpoints == *Disabled* ]]; then
  echo true
else
  echo false
fi
