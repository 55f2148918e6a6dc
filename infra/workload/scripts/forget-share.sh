# shellcheck shell=bash
# Runs on the deployment manager and the web server. The share was needed to join them; it does not
# exist in the standby region, and its account's key lies on both disks.
set -eu
if mountpoint -q /mnt/wasshare; then umount /mnt/wasshare; fi
sed -i '\#/mnt/wasshare#d' /etc/fstab
rm -rf /etc/smbcredentials
