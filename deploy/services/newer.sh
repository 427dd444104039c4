#!/bin/sh
# Makes a Debian 13 with RabbitMQ 4.0 and PostgreSQL 17 in a folder (argument), once, about a minute; it needs root.
# deploy/services/entered.sh starts their programs; nothing of it runs by itself.
set -eu
tree=$1
[ -e "$tree/.ready" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || {
        echo "newer: a Debian 13 in $tree needs root, or a sudo that asks no password: sudo sh $0 $tree" >&2
        exit 1
    }
    exec sudo -n sh "$0" "$tree"
fi
command -v debootstrap >/dev/null || sh "$(dirname "$0")/install.sh" debootstrap
# The mirror that this machine uses, where it is a Debian.
mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 2>/dev/null | sed -n 's/^Debian //p' | head -n 1)
echo "newer: making a Debian 13 in $tree (once, about a minute)" >&2
rm -rf --one-file-system "$tree"
mkdir -p "$tree"
chmod 755 "$tree"
output=$(unshare --mount debootstrap --variant=minbase trixie "$tree" "${mirror:-http://deb.debian.org/debian}" 2>&1) || {
    echo "$output" | tail -n 20 >&2
    exit 1
}
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d" # no service of it starts
chmod 755 "$tree/usr/sbin/policy-rc.d"
mkdir -p "$tree/etc/postgresql-common/createcluster.d"
echo "create_main_cluster = false" >"$tree/etc/postgresql-common/createcluster.d/none.conf"
output=$(chroot "$tree" env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    apt-get -qq -y --no-install-recommends install rabbitmq-server postgresql 2>&1) || {
    echo "$output" | tail -n 20 >&2
    exit 1
}
touch "$tree/.ready"
