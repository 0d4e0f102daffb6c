#!/bin/sh
# make qemu USERLAND=debian: fetches Debian's static riscv64 busybox and bash, as Debian built them, into build/debian/,
# and lays them out under build/debian/root/. It uses apt's tools with a configuration of its own: nothing is installed,
# and the machine's package lists stay unchanged.
#
#     tools/build/userland.sh debian
#
# On Debian the mirror is the machine's own; DEBIAN_MIRROR and DEBIAN_SUITE choose another.
set -eu
cd "$(dirname "$0")/../.."

[ "${1:-}" = debian ] || { echo "userland: USERLAND must be debian" >&2; exit 2; }
here=$PWD/build/debian
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
suite=${DEBIAN_SUITE:-stable}
packages='busybox-static bash-static'
[ -e "$here/root/bin/busybox" ] && exit 0

stop() {
    echo "userland: $1" >&2
    exit 1
}
for command in apt-get dpkg python3; do
    command -v $command > /dev/null 2>&1 || stop "needs $command: this is not a Debian, so USERLAND=debian does not work here"
done
[ -e "$keyring" ] || stop "needs Debian's keyring to check what it fetches: apt-get install debian-archive-keyring"

# The first mirror in the machine's sources that carries Debian itself, not its security updates.
mirror=${DEBIAN_MIRROR:-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
    2> /dev/null | grep -v '^ *#' | grep -oE '(https?|file)://[^] ]*/debian/?( |$)' | head -n 1)}
[ -n "$mirror" ] || stop "apt's sources name no Debian mirror; name one with DEBIAN_MIRROR=URL"

rm -rf "$here"
mkdir -p "$here/apt/lists/partial" "$here/apt/cache/archives/partial" "$here/root"
: > "$here/apt/status"
echo "deb [arch=riscv64 signed-by=$keyring] $mirror $suite main" > "$here/apt/sources.list"
cat > "$here/apt/apt.conf" << END
APT::Architecture "riscv64";
APT::Architectures { "riscv64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::Etc::SourceList "$here/apt/sources.list";
Dir::Etc::SourceParts "-";
Dir::State "$here/apt";
Dir::State::status "$here/apt/status";
Dir::Cache "$here/apt/cache";
END
export APT_CONFIG="$here/apt/apt.conf"

echo "userland: fetching $packages for riscv64 from $mirror ($suite)"
unreachable="the Debian archive cannot be reached at $mirror (another one: DEBIAN_MIRROR=http://...)"
apt-get -qq update -o APT::Update::Error-Mode=any > "$here/apt/log" 2>&1 || { cat "$here/apt/log" >&2; stop "$unreachable"; }
# shellcheck disable=SC2086  # a list of names
(cd "$here" && apt-get -qq download $packages) > "$here/apt/log" 2>&1 || { cat "$here/apt/log" >&2; stop "$unreachable"; }

# Unpack to a temporary folder and rename it at the end, so that an interrupted fetch starts again.
new=$here/new
mkdir -p "$new/bin" "$new/etc" "$new/root"
for deb in "$here"/*.deb; do
    dpkg -x "$deb" "$here/unpacked"
    dpkg -f "$deb" Package Version
done
find "$here/unpacked" -path '*/bin/busybox' -exec cp {} "$new/bin/busybox" \;
find "$here/unpacked" -path '*/bin/bash-static' -exec cp {} "$new/bin/bash" \;
# busybox contains the names of its applets one after the other, from "[" on. Each becomes a link to it.
python3 - "$new/bin/busybox" << 'END' | while read -r applet; do ln -s busybox "$new/bin/$applet"; done
import re, sys
names = re.search(rb"\[\0\[\[\0(?:[a-z0-9_.-]+\0)+", open(sys.argv[1], "rb").read())[0]
print("\n".join(name for name in names.decode().split("\0") if name not in ("", "busybox")))
END
[ -e "$new/bin/sh" ] || ln -s busybox "$new/bin/sh"
echo 'root:x:0:0:root:/root:/bin/sh' > "$new/etc/passwd"
echo 'root:x:0:' > "$new/etc/group"
rm -rf "$here/unpacked" "$here/root"
mv "$new" "$here/root"
