#!/bin/sh
# make bench-linux: builds Debian's own Linux for QEMU's virt machine, to be compared with ox. It fetches the package
# linux-source with apt and unpacks it under build/linux/, so nothing is installed. It makes build/linux/config, version
# and Image, and Image-stacks-not-zeroed: the same without INIT_STACK_ALL_ZERO, by which the compiler zeroes every
# variable on the stack.
#
#     tools/bench/linux.sh
#
# The kernel is small, so that it is fast: `tinyconfig` (one hart, no debugging, no cgroups, no network) and the options
# below, with ordinary optimization. Huge pages are compiled in; the kernel's command line turns them on. LINUX_SOURCE
# names another package.
set -eu
cd "$(dirname "$0")/../.."
here=$PWD/build/linux
prefix=${TOOLPREFIX:-riscv64-linux-gnu-}

stop() {
    echo "linux: $1" >&2
    exit 1
}
quietly() {
    "$@" > "$here/log" 2>&1 || { tail -n 20 "$here/log" >&2; stop "that was: $* (all of it: build/linux/log)"; }
}

for command in apt-get apt-cache dpkg-deb flex bison bc make gcc "${prefix}gcc"; do
    command -v "$command" > /dev/null 2>&1 || stop "needs $command: Linux cannot be built here"
done
# The package linux-source only depends on linux-source-VERSION, which has the source of the release's kernel.
package=${LINUX_SOURCE:-$(apt-cache depends linux-source 2> /dev/null | sed -n 's/.*Depends: \(linux-source-[0-9.]*\)$/\1/p' | head -n 1)}
[ -n "$package" ] || stop "apt knows no package linux-source: apt-get update, or this is not a Debian"

mkdir -p "$here"
if ! ls "$here/$package"_*.deb > /dev/null 2>&1; then
    echo "linux: fetching $package (about 140 MB)"
    (cd "$here" && quietly apt-get -o APT::Sandbox::User=root download "$package")
fi
deb=$(ls "$here/$package"_*.deb)

echo "linux: building $(dpkg-deb -f "$deb" Version) for riscv64, twice (some minutes; only once)"
rm -rf "$here/package" "$here/source" "$here/objects"
mkdir -p "$here/source" "$here/objects"
quietly dpkg-deb -x "$deb" "$here/package"
# Leave out most files that the build does not read: that saves 0.7 of 1.3 GB.
quietly tar -x -f "$here/package/usr/src/$package".tar.* -C "$here/source" --strip-components=1 --exclude='*/Documentation/*/*' \
    --exclude='*/arch/[a-qs-z]*.[chS]' --exclude='*/gpu/drm/*.h' --exclude='*/tools/testing/*'
rm -rf "$here/package"

unset MAKEFLAGS  # of the make that runs this: Linux is built by one of its own
export ARCH=riscv CROSS_COMPILE="$prefix" KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=ox KBUILD_BUILD_HOST=ox
quietly make -C "$here/source" O="$here/objects" tinyconfig
# SLUB, which all distributions use, replaces tinyconfig's slower SLOB. The boot loader's seed is trusted: otherwise
# each process spends 50,000 instructions at its start on random numbers that are not ready yet.
cat >> "$here/objects/.config" << END
CONFIG_CC_OPTIMIZE_FOR_PERFORMANCE=y
CONFIG_MMU=y
# CONFIG_SMP is not set
CONFIG_FPU=y
CONFIG_HZ_100=y
CONFIG_SLUB=y
# CONFIG_SLUB_DEBUG is not set
CONFIG_TRANSPARENT_HUGEPAGE=y
CONFIG_RANDOM_TRUST_BOOTLOADER=y
CONFIG_PRINTK=y
CONFIG_FUTEX=y
CONFIG_POSIX_TIMERS=y
CONFIG_BINFMT_ELF=y
CONFIG_BLK_DEV_INITRD=y
CONFIG_PROC_FS=y
CONFIG_SYSFS=y
CONFIG_TTY=y
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
CONFIG_SERIAL_OF_PLATFORM=y
CONFIG_SIFIVE_PLIC=y
END
build() {
    quietly make -C "$here/objects" olddefconfig
    quietly make -C "$here/objects" -j"$(nproc)" Image
}
build
make -s -C "$here/objects" kernelrelease | sed "s/$/ ($package $(dpkg-deb -f "$deb" Version))/" > "$here/version"
cp "$here/objects/.config" "$here/config"
cp "$here/objects/arch/riscv/boot/Image" "$here/new"
sed -i 's/^CONFIG_INIT_STACK_ALL_ZERO=y$/CONFIG_INIT_STACK_NONE=y/' "$here/objects/.config"
build
cp "$here/objects/arch/riscv/boot/Image" "$here/Image-stacks-not-zeroed"
mv "$here/new" "$here/Image"  # last: make takes it for the sign that all is there
rm -rf "$here/source" "$here/objects"
