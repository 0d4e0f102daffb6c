# What shells and their tools use, in fifty lines. ash and bash on ox must print the same as a Linux sh. The script
# works in a folder of its own and leaves nothing behind. It prints neither $0 nor sizes, times and pids.
set -u
export LC_ALL=C TZ=UTC0
work=/tmp/script.$$; mkdir "$work" && cd "$work" || exit 1
trap 'cd /; rm -rf "$work"; echo "trap on exit"' EXIT

echo "== pipelines"; printf '%s\n' pear apple fig apple | sort | uniq -c | awk '{ print $2 "=" $1 }' | tr '\n' ' '; echo
seq 1 2000 | grep 7 | sed 's/7/seven/g' | head -n 3 | cat -n | tr -s ' \t' ' '
yes | head -n 5 | wc -l | tr -d ' '; false | true; echo "status $?"; ! true; echo "status $?"
echo "== subshells and substitution"; x=outer; (x=inner; echo "in $x"; exit 7); echo "out $x, status $?"
echo "$(echo nested "$(echo "$(echo deeper)")") $((6 * 7)) ${x#out} ${x%er} ${y:-unset} ${#x}"
lines=$(for i in 1 2 3; do echo "line $i"; done); echo "$lines" | wc -l | tr -d ' '
echo "== here-documents"; cat <<END; cat <<'END'
x is $x and $(echo more)
END
x is $x
END
while read -r first rest; do echo "$first: $rest"; done <<END
one two three
four five
END
echo "== redirection"; { echo out; echo err >&2; } > both 2>&1; cat both; echo more >> both; wc -l < both | tr -d ' '
ls nothing 2> /dev/null || echo "ls failed"; exec 5> five; echo to five >&5; exec 5>&-; cat five; : > empty; cat empty
echo "== globs and tests"; touch a1 a2 b1 .hidden; echo a* [ab]1 ?2 none*; case file.tar.gz in *.gz) echo gz ;; esac
[ -f a1 ] && [ ! -d a1 ] && [ a1 -ef a1 ] && [ -s both ] && [ ! -s empty ] && echo "tests hold"
echo "== background, wait, signals"; for i in 1 2 3; do (exit $i) & pids="${pids:-} $!"; done
for pid in $pids; do wait "$pid"; printf '%s ' $?; done; echo
sh -c 'trap "echo caught; exit 9" TERM; kill -TERM $$; sleep 5'; echo "status $?"
(sleep 60 & kill $!; wait $!; echo "status $?") 2> /dev/null; (trap '' INT; sh -c 'kill -INT $$; echo ignored')
mkfifo fifo; (echo through a fifo > fifo) & cat fifo; wait
echo "== files"; mkdir -p d/e/f; echo deep > d/e/f/g; ln -s d/e/f/g link; ln d/e/f/g hard; cat link hard; readlink link
find d -type f -o -type d | sort | tr '\n' ' '; mv d/e d/h; cat link 2> /dev/null || echo "dangling"; rm link
chmod 640 hard; ls -l hard | cut -c1-10; cp hard copy; cmp hard copy && echo same; (umask 077; : > secret; ls -l secret | cut -c1-10)
echo "== tar, dd, od, xargs"; dd if=/dev/zero of=zeros bs=1024 count=300 2> /dev/null; wc -c < zeros | tr -d ' '
printf patch | dd of=zeros bs=1 seek=5000 conv=notrunc 2> /dev/null; dd if=zeros bs=1 skip=5000 count=5 2> /dev/null; echo
tar cf all.tar d zeros; mkdir un; tar xf all.tar -C un; cmp zeros un/zeros && cat un/d/h/f/g; md5sum < un/zeros; gzip < zeros | gunzip | cmp - zeros
printf '\001\002A\n' | od -An -tx1 | tr -s ' '; find un -name 'z*' -print0 | xargs -0 -n 1 basename; seq 1 20 | xargs -n 7 echo
echo "== hundreds of forks"; n=0; i=0; while [ $i -lt 200 ]; do n=$((n + $(echo 1))); i=$((i + 1)); done; echo $n
seq 1 100 | xargs -n 1 sh -c 'echo $0' | awk '{ sum += $1 } END { print sum }'
f() { [ "$1" -le 1 ] && echo 1 || echo $(($1 * $(f $(($1 - 1))))); }; f 10
seq 1 3000 | sort -rn | awk 'NR % 1000 == 1' | (read -r a; read -r b; echo "$a $b"); set -- p "q r" s; echo $# "$2"; for w; do printf '<%s>' "$w"; done; echo
eval 'v=evaluated; echo $v'; echo "a:b:c" | (IFS=: read -r a b c; echo "$c$b$a"); exit 3
