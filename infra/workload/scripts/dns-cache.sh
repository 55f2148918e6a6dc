# shellcheck shell=bash
# Runs on each WebSphere machine. The listener of the failover group is a DNS name that moves: a JVM
# that keeps addresses for longer goes on asking the lost server. This is a security property of the
# JVM; the system property of that name has no effect.
set -eu
# shellcheck source=/dev/null
. /datadrive/virtualimage.properties
find "$WAS_ND_INSTALL_DIRECTORY/java" -name java.security | while read -r file; do
  sed -i '/^#\{0,1\}networkaddress\.cache\.ttl=/d' "$file"
  echo 'networkaddress.cache.ttl=10' >> "$file"
done
