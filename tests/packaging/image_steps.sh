#!/bin/bash
# The steps of contrib/container/Containerfile, in a root of its own that ends with this process.
# ROOT CHECKOUT PYTHON RUN USER HOME: where, the sources, the interpreter, and what the image says.
# Then each line of stdin is a command, which runs as the image's user; it prints its exit code.
set -euo pipefail
root=$1 checkout=$2 python=$3 run=$4 user=$5 home=$6

mount -t tmpfs tmpfs "$root"
mkdir -p "$root"/{usr,etc,opt,var/lib,tmp,proc,dev,source}
for each in bin sbin lib lib64; do
  [ ! -e "/$each" ] || ln -s "usr/$each" "$root/$each"
done
for each in usr dev proc; do mount --rbind "/$each" "$root/$each"; done
mount --bind "$checkout" "$root/source"
prefix=$(dirname "$(dirname "$python")")
case $prefix in
  /usr*) ;;
  *) mkdir -p "$root$prefix" && mount --bind "$prefix" "$root$prefix" ;;
esac
cp /etc/passwd /etc/group /etc/shadow /etc/ld.so.cache "$root/etc"

# The build stage, with the libraries of this checkout instead of those that pip would fetch.
chroot "$root" "$python" -m venv --without-pip /opt/ltictl
places=$(echo "$root"/opt/ltictl/lib/python*/site-packages)
printf '%s\n' /source "/source/.venv/lib/$(basename "$(dirname "$places")")/site-packages" > "$places/checkout.pth"
printf '%s\n' '#!/opt/ltictl/bin/python' 'from ltictl.__main__ import main' 'main()' > "$root/opt/ltictl/bin/ltictl"
chmod 755 "$root/opt/ltictl/bin/ltictl"
chroot "$root" /bin/sh -c "$run"

# --read-only, --tmpfs /tmp, and the volume with the owner that the image gave it.
owner=$(stat --format 'uid=%u,gid=%g,mode=%a' "$root$home")
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o "$owner" tmpfs "$root$home"
mount -o remount,ro,bind "$root/source"
mount -o remount,ro "$root"
echo ready
while IFS= read -r line; do
  code=0
  chroot --userspec="$user" "$root" /usr/bin/env -i PATH=/opt/ltictl/bin:/usr/bin:/bin \
    HOME="$home" LTICTL_HOME="$home" PYTHONDONTWRITEBYTECODE=1 /bin/sh -c "$line" >&2 || code=$?
  echo "$code"
done
