#!/bin/sh
# Does ox build, run and test in a Debian that has nothing? Tries the steps of .devcontainer/Containerfile in a fresh
# root, and then what a student does in the first hour. Needs root, debootstrap and a network; takes ten minutes.
#
#     tools/build/fresh_root.sh [DIR]     the root is made in DIR (build/fresh), anew each time
set -eu
cd "$(dirname "$0")/../.."
root=${1:-build/fresh}
[ "$(id -u)" = 0 ] || { echo "fresh_root.sh: it changes its root, so it must be run as root" >&2; exit 1; }
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

# The tree as git has it, changes included, without what is built.
mkdir -p "$root/ox"
git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -c | tar -x -C "$root/ox"
inside 'cd /ox && git init -q && git add -A && git -c user.name=ox -c user.email=ox@localhost commit -qm tree'
for step in make 'make demo' 'make check-host' 'make compile-commands' 'make picture FORK=cow' 'make grade LAB=cow'; do
    inside "cd /ox && $step" > "$root.log" 2>&1 || { echo "fresh_root.sh: failed: $step" >&2; tail -30 "$root.log" >&2; exit 1; }
    tail -1 "$root.log"
done
echo "fresh root: all steps passed"
