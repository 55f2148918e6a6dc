#!/usr/bin/env bash
# Runs on the deployment manager: configure.sh EAR_URL EAR_SHA256
set -euo pipefail

ear_url=$1
ear_sha256=$2
cluster=MyCluster
jndi_name=jdbc/WebSphereCafeDB
here=$(cd "$(dirname "$0")" && pwd)

# shellcheck source=/dev/null
. /datadrive/virtualimage.properties
wsadmin() { "$WAS_ND_INSTALL_DIRECTORY/profiles/Dmgr001/bin/wsadmin.sh" -lang jython -f "$@"; }

ear=$here/websphere-cafe.ear
curl --fail --silent --show-error --location --retry 5 --output "$ear" "$ear_url"
echo "$ear_sha256  $ear" | sha256sum --check --quiet

wsadmin "$here/connection_pool.py" "$jndi_name"
wsadmin "$here/session_persistence.py" "$cluster" "$jndi_name"
wsadmin "$here/deploy_application.py" "$cluster" websphere-cafe "$ear"
wsadmin "$here/web_server_plugin.py"
wsadmin "$here/ripple_start.py" "$cluster"
