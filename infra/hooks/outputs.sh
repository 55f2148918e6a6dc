# shellcheck shell=bash
# Sourced by the other scripts: what the parts of infra/main.bicep put out.

if [ -z "${AZURE_ENV_NAME:-}" ] && command -v azd >/dev/null 2>&1; then
  AZURE_ENV_NAME=$(azd env get-value AZURE_ENV_NAME)
fi
export AZURE_ENV_NAME="${AZURE_ENV_NAME:?the name of the environment}"
# azd and az each have a subscription of their own.
subscription=$(az account show --query id --output tsv)
if [ "${AZURE_SUBSCRIPTION_ID:-$subscription}" != "$subscription" ]; then
  echo "az is on another subscription than azd: az account set --subscription $AZURE_SUBSCRIPTION_ID" >&2
  exit 1
fi

# output PART NAME: `output controller controllerAppName`
output() {
  az deployment sub show --name "farshore-$AZURE_ENV_NAME-$1" --query "properties.outputs.$2.value" --output tsv
}

# Remembers a value for the next deployment, where azd is used.
remember() {
  if command -v azd >/dev/null 2>&1 && azd env get-value AZURE_ENV_NAME >/dev/null 2>&1; then
    azd env set "$1" "$2"
  fi
}
