#!/bin/sh
# Installs Debian or Ubuntu packages (arguments) as root, and lets none of their services start.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
kept=$policy.before-perfectum-sms
mark="perfectum-sms install"

restore() {
    grep -qs "$mark" "$policy" && rm -f "$policy"
    if [ -e "$kept" ] || [ -L "$kept" ]; then mv -f "$kept" "$policy"; fi
}

exec 9<"$0"
flock 9 # one installation at a time
restore # what an installation that was killed may have left
trap restore EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$kept"; fi
# Denies only while this process lives: left behind by SIGKILL, it denies nothing.
cat >"$policy" <<POLICY
#!/bin/sh
# $mark: packages installed meanwhile do not start their services
[ -d /proc/$$ ] && exit 101
[ -x "$kept" ] && exec "$kept" "\$@"
exit 0
POLICY
chmod 755 "$policy"

quietly() {
    output=$("$@" 2>&1) || { status=$?; echo "$output" >&2; return $status; }
}

quietly apt-get -qq -o DPkg::Lock::Timeout=300 update || echo "services: apt-get update failed; trying all the same" >&2
quietly apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@"
