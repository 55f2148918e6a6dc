# shellcheck shell=bash
# Sourced by the other scripts: reads what the deployment of workload/main.bicep put out. Within
# infra/main.bicep that deployment is called farshore-workload.

workload_deployment=${WORKLOAD_DEPLOYMENT:-farshore-workload}

# output QUERY: a JMESPath below the outputs; lists come as lines, fields divided by tabs.
output() {
  az deployment sub show --name "$workload_deployment" --query "properties.outputs.$1" --output tsv
}
