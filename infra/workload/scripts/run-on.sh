# shellcheck shell=bash
# Sourced by the other scripts: runs a shell script on a machine through the platform's agent, so that
# no SSH port is open anywhere.

# run_on MACHINE_ID SCRIPT: fails unless the script came to its end. The platform reports success
# whatever the script's exit code was, so the end is a line of its own.
run_on() {
  local machine=$1 script=$2 answer
  answer=$(az vm run-command invoke --ids "$machine" --command-id RunShellScript \
    --scripts "$script
echo farshore-came-to-the-end" --query 'value[0].message' --output tsv)
  if ! grep -q '^farshore-came-to-the-end' <<<"$answer"; then
    echo "${machine##*/}: $answer" >&2
    return 1
  fi
}
