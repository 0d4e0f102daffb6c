#!/bin/bash
# make lint: format, floors, lengths, the README's line counts, clang-tidy, clang's thread-safety analysis. CLANG_FLAGS
# are the kernel's compiler flags in clang's form. All checks run; the script fails if any of them failed.
set -u -o pipefail
cd "$(dirname "$0")/../.."
failed=0
jobs=$(nproc)

part() {
    local name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "lint: $name: ok"
    else
        echo "$output"
        echo "lint: $name: FAILED"
        failed=1
    fi
}

mapfile -t kernel < <(find kernel -name '*.cpp' | sort)
mapfile -t host < <(find host_tests -name '*.cpp' | sort)
# The lecture's example keeps the format of the lecture's slides.
mapfile -t formatted < <(find kernel host_tests user tools -name '*.cpp' -o -name '*.h' -o -name '*.c' ! -name fork_example.c | sort)
if [ "${1:-}" = formatted ]; then
    echo "${formatted[@]}"
    exit
fi
read -r -a flags <<< "${CLANG_FLAGS:?make lint sets it}"

lengths() {
    local long
    long=$(find kernel user host_tests tools -name '*.cpp' -o -name '*.c' -o -name '*.h' -o -name '*.S' -o -name '*.py' |
        xargs wc -l | awk '$2 != "total" && $1 >= 300 { print $2 ": " $1 " lines: two ideas in one file?" }')
    [ -z "$long" ] || { echo "$long"; return 1; }
}
thread_safety() {
    printf '%s\0' "${kernel[@]}" |
        xargs -0 -n 1 -P "$jobs" clang++-19 "${flags[@]}" -Wno-everything -Wthread-safety -Werror -fsyntax-only
}
# clang analyses the kernel's sources as RISC-V code, and the tests with the commands by which CMake compiles them.
tidy_kernel() {
    printf '%s\0' "${kernel[@]}" | xargs -0 -I FILE -P "$jobs" clang-tidy-19 --quiet FILE -- "${flags[@]}" -w |&
        { grep -v 'warnings* generated' || true; }
}
tidy_host() {
    cmake -S . -B build/lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DOX_SANITIZE=none > /dev/null &&
        printf '%s\0' "${host[@]}" | xargs -0 -n 1 -P "$jobs" clang-tidy-19 --quiet -p build/lint |&
            { grep -v 'warnings* generated' || true; }
}

part 'format' clang-format-19 --dry-run -Werror "${formatted[@]}"
part 'floors' python3 tools/build/floors.py
part 'lengths' lengths
part 'line counts' python3 tools/build/line_counts.py --check
part 'sizes' python3 tools/build/sizes.py
part 'rules' python3 tools/build/rules.py
part 'thread safety' thread_safety
part 'clang-tidy, kernel' tidy_kernel
part 'clang-tidy, host tests' tidy_host
exit $failed
