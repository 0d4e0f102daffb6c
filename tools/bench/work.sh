# Work that users do, with Debian's busybox and bash. `make bench-linux` runs this script on ox and on Linux (work.py).
# Each line that begins with `bench` prints one figure.
set -e
bench work ash_300_subshells busybox ash -c 'n=0; while [ $n -lt 300 ]; do (true); n=$((n + 1)); done'
bench work bash_500_programs bash -c 'for n in {1..500}; do /bin/true; done'
bench work pipeline busybox ash -c 'busybox seq 20000 | busybox sort -r | busybox uniq | busybox wc'
bench work snapshot snapshot 4096
busybox mkdir /tmp/data
for n in 1 2 3 4 5 6 7 8; do busybox dd if=/bin/busybox of=/tmp/data/$n bs=64k count=16 2> /dev/null; done
bench work tar_of_8_MiB busybox tar -C /tmp -cf /tmp/data.tar data
bench work cat_of_8_MiB busybox cat /tmp/data.tar
bench work cp_of_8_MiB busybox cp /tmp/data.tar /tmp/copy
