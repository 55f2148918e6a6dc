# shellcheck shell=bash
# Sourced by the other scripts: what the parts of infra/main.bicep put out.

# output PART NAME: `output controller controllerAppName`
output() {
  az deployment sub show --name "farshore-$1" --query "properties.outputs.$2.value" --output tsv
}

# Remembers a value for the next deployment, where azd is used.
remember() {
  if [ -n "${AZURE_ENV_NAME:-}" ] && command -v azd >/dev/null 2>&1; then
    azd env set "$1" "$2"
  fi
}
