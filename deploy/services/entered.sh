#!/bin/sh
# Becomes a program of another system's tree: entered.sh TREE USER:GROUP PROGRAM ARGUMENTS. Root runs it in a mount name
# space of its own, so that nothing stays mounted once the program has ended.
set -eu
tree=$1 account=$2
shift 2
for place in /dev /proc /tmp; do
    mount --rbind "$place" "$tree$place"
done
exec chroot --userspec="$account" "$tree" "$@"
