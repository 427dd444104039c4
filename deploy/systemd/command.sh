#!/bin/sh
# /usr/local/bin/perfectum-sms: the command line with the settings that systemd gives the units, as the user nobody.
# sudo perfectum-sms account add acme --name "Акме" --sender Acme
# A file that only root may read goes through stdin: sudo perfectum-sms account token acme --token-file - < token
set -eu
settings=/etc/perfectum-sms/environment
program=/opt/perfectum-sms/bin/perfectum-sms

if [ ! -r "$settings" ]; then
    echo "perfectum-sms: $settings is for root alone, or not there yet: sudo perfectum-sms $*" >&2
    exit 1
fi
# Line by line, as systemd reads it: to a shell, & and $ of a password would mean something.
while IFS= read -r line || [ -n "$line" ]; do
    name=${line%%=*} value=${line#*=}
    case $line in
        SMS_*=\"*\") value=${value#\"} value=${value%\"} ;;
        SMS_*=\'*\') value=${value#\'} value=${value%\'} ;;
        SMS_*=*) ;;
        *) continue ;;
    esac
    export "$name=$value"
done < "$settings"
# The audit names who typed it.
: "${SMS_OPERATOR:=${SUDO_USER:-root}}"
export SMS_OPERATOR
if [ "$(id -u)" -eq 0 ]; then
    exec setpriv --reuid=nobody --regid=nogroup --clear-groups --no-new-privs "$program" "$@"
fi
exec "$program" "$@"
