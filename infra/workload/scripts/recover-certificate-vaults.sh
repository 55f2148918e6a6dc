#!/usr/bin/env bash
# recover-certificate-vaults.sh ENVIRONMENT: brings back the gateways' certificate vaults of an
# environment of this name that was taken down. Deleted vaults keep their names for some days, nobody
# can purge these, and without this a new environment of the same name could not be made. Needs az.
set -euo pipefail

environment=${1:?the name of the environment}
az keyvault list-deleted --resource-type vault --output tsv --query \
  "[?contains(properties.vaultId, '/resourceGroups/rg-$environment-')].[name, properties.location, properties.vaultId]" |
  while IFS=$'\t' read -r name location id; do
    group=$(cut -d / -f 5 <<<"$id")
    exists=$(az group exists --name "$group" --output tsv)
    if [ "$exists" = false ]; then
      az group create --name "$group" --location "$location" --output none
    fi
    az keyvault recover --name "$name" --location "$location" --output none
    echo "The vault $name is there again."
  done
