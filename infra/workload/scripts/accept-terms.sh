#!/usr/bin/env bash
# Accepts the terms of both marketplace images, once for each subscription. Without that, no machine is
# made. A template cannot do it: the agreement has to be read, signed and written back.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
image() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" "$here/../cluster/images.json"; }

publisher=$(image publisher)
for name in "$(image cluster)" "$(image webServer)"; do
  az vm image terms accept --publisher "$publisher" --offer "$name" --plan "$name" --output none
done
