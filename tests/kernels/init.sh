#!/bin/busybox sh
# shellcheck shell=dash
# The first process of a guest: runs what /programs names and tells on the
# console, in lines that begin with @, what each said in TAP and how it ended.

PATH=/usr/bin:/usr/sbin
export PATH
/bin/busybox --install -s /usr/sbin
mount -t proc proc /proc
dmesg -n 1
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for name in cpu memory pids; do
	echo "+$name" >/sys/fs/cgroup/cgroup.subtree_control
done
[ -c /dev/null ] || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
ifconfig lo 127.0.0.1 up
hostname guest
read -r words </proc/cmdline
for word in $words; do
	case $word in
	slowness=*) SLOWNESS=${word#*=} ;;
	limit=*) limit=${word#*=} ;;
	only=*) only=${word#*=} ;;
	esac
done
export SLOWNESS

# What the firmware left on the line is no part of it.
printf '\n@kernel %s\n' "$(uname -r)"

# Who runs shows on the console, so that a hang has a name.
run() {
	if [ "$1" = test ]; then
		timeout "$limit" "$2" --jobs 1 --verbose=1 --color=never \
		    --tap=/tmp/tap </dev/null 2>&1
	else
		timeout "$limit" "$2" </dev/null >/tmp/tap 2>/dev/console
	fi
}

while read -r word program; do
	case "$word $program" in
	*${only-}*) ;;
	*) continue ;;
	esac
	echo "@begin ${program##*/}"
	: >/tmp/tap
	code=0
	run "$word" "$program" || code=$?
	sed 's/^/@tap /' /tmp/tap
	echo "@end ${program##*/} $code $(cut -d ' ' -f 1 /proc/uptime)"
done </programs
echo "@done"
sync
poweroff -f
