#!/bin/sh
# Does ox build, run and pass its tests on a Debian with nothing installed? The script makes a fresh root, tries the
# steps of .devcontainer/Containerfile in it, and then the commands of a student's first hour. It needs root,
# debootstrap and a network, and takes ten minutes.
#
#     tools/build/fresh_root.sh [DIR]     makes the root in DIR (build/fresh), replacing an old one
set -eu
cd "$(dirname "$0")/../.."
root=${1:-build/fresh}
[ "$(id -u)" = 0 ] || { echo "fresh_root.sh: chroot needs root; run it with sudo" >&2; exit 1; }
command -v debootstrap > /dev/null || { echo "fresh_root.sh: apt-get install debootstrap" >&2; exit 1; }

rm -rf --one-file-system "$root"
debootstrap --variant=minbase bookworm "$root" > "$root.log" 2>&1 || { tail -5 "$root.log" >&2; exit 1; }
for file in /etc/resolv.conf /etc/apt/apt.conf.d/*proxy*; do
    [ ! -f "$file" ] || cp -L "$file" "$root$file"
done
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
trap 'umount "$root/proc" "$root/dev"' EXIT
inside() { echo "fresh root: $1"; chroot "$root" /bin/sh -ec "export DEBIAN_FRONTEND=noninteractive; $1"; }

sed -n 's/^COPY //p' .devcontainer/Containerfile | while read -r from to; do cp "$from" "$root$to"; done
sed -n 's/^RUN //p' .devcontainer/Containerfile | while read -r step; do inside "$step" > "$root.log" 2>&1 || {
    echo "fresh_root.sh: failed: $step" >&2; tail -20 "$root.log" >&2; exit 1; }; done

# The files that git tracks, with uncommitted changes, and nothing that was built.
mkdir -p "$root/ox"
git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -c | tar -x -C "$root/ox"
inside 'cd /ox && git init -q && git add -A && git -c user.name=ox -c user.email=ox@localhost commit -qm tree'
for step in make 'make demo' 'make check-host' 'make compile-commands' 'make picture FORK=cow' 'make grade LAB=cow'; do
    inside "cd /ox && $step" > "$root.log" 2>&1 || { echo "fresh_root.sh: failed: $step" >&2; tail -30 "$root.log" >&2; exit 1; }
    tail -1 "$root.log"
done
echo "fresh root: all steps passed"
