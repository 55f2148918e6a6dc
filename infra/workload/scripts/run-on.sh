# shellcheck shell=bash
# Sourced by the other scripts: runs a shell script on a machine through the platform's agent, so that
# no SSH port is open anywhere.

# run_on MACHINE_ID SCRIPT: fails unless the script came to its end. The platform reports success
# whatever the script's exit code was, so the end is a line of its own. The script goes by a file: it
# may have a signed address in it, and arguments can be seen by everybody on this machine.
run_on() {
  local machine=$1 file answer
  file=$(mktemp)
  printf '%s\necho farshore-came-to-the-end\n' "$2" > "$file"
  answer=$(az vm run-command invoke --ids "$machine" --command-id RunShellScript \
    --scripts "@$file" --query 'value[0].message' --output tsv) || { rm -f "$file"; return 1; }
  rm -f "$file"
  if ! grep -q '^farshore-came-to-the-end' <<<"$answer"; then
    echo "${machine##*/}: $answer" >&2
    return 1
  fi
}
