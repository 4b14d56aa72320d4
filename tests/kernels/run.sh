#!/bin/sh
# The tests of the worker under other kernels, each in a guest.
set -eu

usage="usage: tests/kernels/run.sh BUILD [6.1|6.12|bare|uml ...]

Boots the named guests, or all of them, one after the other, and runs in each
what tests/kernels/programs lists, out of the folder BUILD:

  6.1   Debian's kernel of that name, in a virtual machine without KVM
  6.12  the same
  bare  6.1 with Landlock off
  uml   user-mode Linux, which has no Landlock; only what needs no Criterion,
        whose memory lies beyond the end of the addresses there

A kernel that apt does not have is skipped, and this is said. What is fetched
and what the guests said is kept in BUILD/kernels. The last line is the sum."

slowness=8		# of a machine without KVM
program_limit=1200	# s
boot_limit=5400		# s

case ${1-} in
-h | --help)
	echo "$usage"
	exit 0
	;;
esac
if [ $# -eq 0 ] || [ ! -e "$1/build.ninja" ]; then
	echo "$usage" >&2
	exit 64
fi
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- 6.1 6.12 bare uml
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin:/sbin
keep=$build/kernels
mkdir -p "$keep"
work=$(mktemp -d)
guest=
clean() {
	[ -z "$guest" ] || kill "$guest" 2>/dev/null || :
	rm -rf -- "$work"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
passed=0
failed=0

# $1: a pattern of the newest package's version, which is told.
newest() {
	apt-cache pkgnames linux-image 2>/dev/null |
		grep -x -E "linux-image-$1-cloud-amd64" | sort -V | tail -n 1
}

# $1: a package, of which the kernel is kept under its name.
fetch() {
	[ ! -e "$keep/$1" ] || return 0
	rm -f -- "$work"/*.deb
	(cd "$work" && apt-get -q download "$1") >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		return 1
	}
	dpkg-deb --fsys-tarfile "$work"/*.deb |
		tar -x -O --wildcards './boot/vmlinuz-*' >"$keep/$1.new"
	mv "$keep/$1.new" "$keep/$1"
}

# The rest: a command, whose output is kept and which ends in time.
boot() {
	cp --sparse=always "$keep/disk" "$work/disk"
	timeout -k 5 "$boot_limit" "$@" </dev/null >"$work/said" 2>&1 &
	guest=$!
	wait "$guest" || :
	guest=
	tr -d '\r' <"$work/said" >"$keep/$name.said"
}

words="rw init=/init quiet limit=$program_limit"

# $1: a kernel, $2: more words for it.
boot_machine() {
	boot qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 1024 \
	    -smp 2 -nographic -no-reboot -nic none -kernel "$1" \
	    -drive "file=$work/disk,if=none,id=disk,format=raw,cache=unsafe" \
	    -device nvme,drive=disk,serial=1 -append \
	    "console=ttyS0 root=/dev/nvme0n1 panic=-1 psi=1 slowness=$slowness $words $2"
}

boot_uml() {
	# shellcheck disable=SC2086	# they are words
	boot env LD_PRELOAD="$build/tests/kernels/wide_registers.so" \
	    linux.uml mem=768M uml_dir="$work/" con=null con0=null,fd:1 \
	    ubda="$work/disk" root=/dev/ubda only=plain $words
}

# What the guest said: each failure with what is known of it, then a sum.
judge() {
	awk -v name="$name" '
	function lose(what) {
		print "not ok - " name ": " what
		failed++
	}
	function lose_program(how) {
		lose(program ": " how (last == "" ? "" : ", in " last))
		program = ""
	}
	/^\[RUN / { last = $3 }
	/^@kernel / { kernel = $2 }
	/^@begin / { program = $2; lost = failed; last = "" }
	/^@tap ok .*# SKIP/ { skipped++; tells = 0; next }
	/^@tap ok / { passed++; tells = 0; next }
	/^@tap not ok / {
		sub(/^@tap not ok ([0-9]+ )?- /, "")
		lose(program ": " $0)
		tells = 1
		next
	}
	/^@tap / && tells { sub(/^@tap /, ""); print }
	/^@end / {
		seconds = $4
		tells = 0
		if ($3 != 0 && failed == lost)
			lose_program("code " $3)
		program = ""
	}
	/^@done/ { done = 1 }
	END {
		if (kernel == "")
			lose("it did not boot")
		else if (program != "")
			lose_program("it did not end")
		else if (!done)
			lose("it broke off")
		printf "%s: %d passed, %d failed, %d skipped", name, passed,
		    failed, skipped
		printf " (%s, %d s)\n", kernel, seconds
	}' "$keep/$name.said"
}

skip() {
	echo "$name: skipped: $*"
}

# $1: a pattern of the kernel's package, $2: more words for the kernel.
try_machine() {
	package=$(newest "$1")
	if [ -z "$package" ]; then
		skip "apt has no such kernel"
	elif ! command -v qemu-system-x86_64 >/dev/null; then
		skip "there is no qemu-system-x86_64"
	elif ! fetch "$package"; then
		echo "not ok - $name: $package could not be fetched"
		echo "$name: 0 passed, 1 failed, 0 skipped"
	else
		boot_machine "$keep/$package" "$2"
		judge
	fi
}

try_uml() {
	if ! command -v linux.uml >/dev/null; then
		skip "there is no linux.uml"
	else
		boot_uml
		judge
	fi
}

try() {
	case $1 in
	6.1) try_machine '6\.1\.0-[0-9]+' "" ;;
	6.12) try_machine '6\.12\.[0-9]+\+[a-z0-9.+]+' "" ;;
	bare) try_machine '6\.1\.0-[0-9]+' lsm=yama ;;
	uml) try_uml ;;
	esac
}

for name; do
	case $name in
	6.1 | 6.12 | bare | uml) ;;
	*)
		echo "$usage" >&2
		exit 64
		;;
	esac
done
if [ "$(uname -m)" != x86_64 ]; then
	echo "all skipped: only for x86-64"
	set --
else
	./image.sh "$build" "$keep/disk"
fi
for name; do
	try "$name" >"$work/result"
	cat "$work/result"
	while read -r _ npassed what nfailed _; do
		[ "$what" = passed, ] || continue
		passed=$((passed + npassed))
		failed=$((failed + nfailed))
	done <<-END
	$(tail -n 1 "$work/result")
	END
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
