#!/bin/sh
# Installs the packages that ox needs (Debian, Ubuntu).
#
#     tools/build/setup.sh check GROUP...    prints what is missing, and the command that installs it; fails if any is
#     tools/build/setup.sh install GROUP...  installs it: as root at once, with sudo after asking; else it prints how
#
# Groups: build (kernel and programs), qemu, gdb, record (for make gdb-rr), host (unit tests), test (QEMU tests), grade
# and regrade (labs), plugin (QEMU's, for make bench), linux (to build Linux), plots, view (the page of a recorded run),
# browser (the page's tests), lint (clang 19).
#
# If nothing is missing, the script only looks for a few files, and does not call apt.
set -eu

mode=$1
shift
prefix=${TOOLPREFIX:-riscv64-linux-gnu-}
packages=
found=

# need THING PACKAGE: THING is a command, or a file if the name has a slash.
need() {
    case $1 in
        */*) for file in $1; do [ -e "$file" ] && return 0; done ;;
        *) command -v "$1" > /dev/null 2>&1 && return 0 ;;
    esac
    found="$found ${1%% *}"
    case " $packages " in *" $2 "*) ;; *) packages="$packages $2" ;; esac
}

for group in "$@"; do
    case $group in
        build)
            need "${prefix}g++" g++-riscv64-linux-gnu
            need "${prefix}strip" binutils-riscv64-linux-gnu
            # The static glibc comes with the compiler.
            if [ "$prefix" = riscv64-linux-gnu- ]; then
                need /usr/riscv64-linux-gnu/lib/libc.a libc6-dev-riscv64-cross
            fi
            need cpio cpio
            need python3 python3 ;;
        qemu)
            need "${QEMU:-qemu-system-riscv64}" qemu-for-riscv ;;
        gdb)
            need "${GDB:-gdb-multiarch}" gdb-multiarch ;;
        record)
            need qemu-img qemu-utils ;;
        host)
            need g++ g++
            need cmake cmake
            need python3 python3
            need '/usr/include/gtest/gtest.h /usr/local/include/gtest/gtest.h' libgtest-dev ;;
        test)
            need pytest-3 python3-pytest
            need /usr/lib/python3/dist-packages/pexpect/__init__.py python3-pexpect
            need /usr/lib/python3/dist-packages/xdist/__init__.py python3-pytest-xdist
            need /usr/lib/python3/dist-packages/elftools/__init__.py python3-pyelftools
            need qemu-riscv64 qemu-user ;;
        grade)
            need cc gcc
            need /usr/include/stdio.h libc6-dev
            need prlimit util-linux
            need git git
            need /usr/lib/python3/dist-packages/elftools/__init__.py python3-pyelftools
            need /usr/lib/python3/dist-packages/rich/__init__.py python3-rich ;;
        regrade)
            need /usr/lib/python3/dist-packages/jinja2/__init__.py python3-jinja2 ;;
        plugin)
            need cc gcc
            need /usr/include/stdio.h libc6-dev ;;
        linux)
            need gcc gcc
            need make make
            need /usr/include/stdio.h libc6-dev
            need flex flex
            need bison bison
            need bc bc
            need xz xz-utils ;;
        plots)
            need /usr/lib/python3/dist-packages/matplotlib/__init__.py python3-matplotlib ;;
        view)
            need /usr/lib/python3/dist-packages/jinja2/__init__.py python3-jinja2
            need /usr/lib/python3/dist-packages/pygments/__init__.py python3-pygments
            need /usr/share/nodejs/d3-selection/dist/d3-selection.min.js node-d3-selection ;;
        browser)
            need /usr/lib/python3/dist-packages/selenium/__init__.py python3-selenium
            need chromium chromium
            need chromedriver chromium-driver ;;
        lint)
            need clang++-19 clang-19
            need clang-format-19 clang-format-19
            need clang-tidy-19 clang-tidy-19 ;;
        *)
            echo "setup: no such group: $group" >&2
            exit 2 ;;
    esac
done
[ -n "$packages" ] || exit 0

known() { apt-cache show "$1" 2> /dev/null | grep -q '^Package:'; }

# Where RISC-V's QEMU has a package of its own (Debian 13 and later), use that one. In Debian 12 (but for its backports)
# and Ubuntu 24.04 it is in qemu-system-misc.
resolve() {
    qemu=qemu-system-misc
    if ! grep -q '^VERSION_ID="12"' /etc/os-release && known qemu-system-riscv; then qemu=qemu-system-riscv; fi
    list=$(echo "$packages" | sed "s/qemu-for-riscv/$qemu/")
    command="apt-get install --no-install-recommends -y$list"
}

if ! command -v apt-get > /dev/null 2>&1; then
    echo "ox needs, and this machine does not have:$found" >&2
    echo "This is not a Debian with apt. Use the container of .devcontainer/, or WSL with Debian on Windows." >&2
    echo "Other systems (macOS, Fedora, Arch, Alpine) have not been tried." >&2
    exit 1
fi
resolve

if [ "$mode" = check ]; then
    echo "ox needs, and this machine does not have:$found" >&2
    echo "Run:    make setup" >&2
    if [ "$(id -u)" = 0 ]; then echo "or:     apt-get update && $command" >&2
    else echo "or:     sudo sh -c 'apt-get update && $command'" >&2; fi
    exit 1
fi

as_root=
if [ "$(id -u)" != 0 ]; then
    say_how() {
        echo "ox needs, and this machine does not have:$found. To install it:" >&2
        echo "    $1" >&2
    }
    if ! command -v sudo > /dev/null 2>&1; then
        say_how "su -c 'apt-get update && $command'"
        exit 1
    elif [ -t 0 ] && [ -t 2 ]; then
        say_how "sudo $command"
        printf 'Run it now? [Y/n] ' >&2
        read -r answer
        case $answer in '' | [Yy]*) as_root=sudo ;; *) exit 1 ;; esac
    elif sudo -n true 2> /dev/null; then
        as_root='sudo -n'
    else
        say_how "sudo sh -c 'apt-get update && $command'"
        exit 1
    fi
fi

echo "setup: missing:$found"
# A fresh container has no package lists, and old lists name packages that no longer exist.
update() {
    echo "setup: apt-get update"
    $as_root apt-get update -qq
    resolve
}
install() {
    echo "setup: installing$list"
    # shellcheck disable=SC2086  # a list of names
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y -qq $list > "$log" 2>&1
}
for package in $list; do
    known "$package" || { update; break; }
done
log=$(mktemp)
install || { update; install; } || { cat "$log"; exit 1; }
rm -f "$log"
"$0" check "$@" && echo "setup: done"
