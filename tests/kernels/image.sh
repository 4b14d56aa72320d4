#!/bin/sh
# image.sh BUILD FILE: makes FILE, the disk of a guest: this machine's shell and
# commands, busybox for the rest, and the programs of the build, at the paths
# that they have here, with the libraries of all of them. It is ext4, since on
# old kernels a tmpfs takes no id-mapped mount.
set -eu

if [ $# -ne 2 ] || [ ! -e "$1/build.ninja" ]; then
	echo "usage: tests/kernels/image.sh BUILD FILE" >&2
	exit 64
fi
build=$(cd "$1" && pwd)
file=$2
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf -- "$root"' EXIT

words() {
	grep -v '^#' "$1"
}

# $1: a file, put where it is here; links are followed.
copy() {
	mkdir -p "$root${1%/*}"
	cp -L "$1" "$root$1"
}

# stdin: programs, of which the libraries are told.
libraries() {
	while read -r program; do
		ldd "$program" 2>/dev/null || :
	done | awk '$2 == "=>" && $3 ~ /^\// { print $3 }
		$1 ~ /^\// { print $1 }' | sort -u
}

commands() {
	for word in $(words "$here/commands"); do
		env which "$word"
	done
}

# $1: words of the list, as in a pattern.
listed() {
	words "$here/programs" | awk -v word="^($1)\$" '$1 ~ word { print $2 }'
}

folders() {
	for folder in bin lib lib64 sbin; do
		mkdir -p "$root/usr/$folder"
		ln -s "usr/$folder" "$root/$folder"
	done
	mkdir -p "$root/dev" "$root/etc" "$root/home" "$root/mnt" \
	    "$root/proc" "$root/run" "$root/sys" "$root/tmp" \
	    "$root/usr/share/doc" "$root/var/lib" "$root/var/tmp"
	mkdir -m 700 "$root/root"
	chmod 755 "$root"
}

users() {
	cat >"$root/etc/passwd" <<-END
	root:x:0:0:root:/root:/bin/sh
	nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
	END
	cat >"$root/etc/group" <<-END
	root:x:0:
	nogroup:x:65534:
	END
	echo guest >"$root/etc/hostname"
	for name in hosts ld.so.cache ld.so.conf nsswitch.conf; do
		[ ! -e "/etc/$name" ] || copy "/etc/$name"
	done
}

folders
users
{
	commands
	listed "test|plain|with" | sed "s|^|$build/|"
} >"$root/programs"
libraries <"$root/programs" >"$root/libraries"
listed read | sed "s|^|$source/|" |
	cat - "$root/programs" "$root/libraries" | while read -r name; do
		copy "$name"
	done
copy /bin/busybox
cp "$here/init.sh" "$root/init"
words "$here/programs" | sed -n -E "s,^(test|plain) ,&$build/,p" \
    >"$root/programs"
rm "$root/libraries"
chmod -R go-w,a+rX "$root"
chmod 1777 "$root/tmp" "$root/var/tmp"
rm -f -- "$file.new"
truncate -s 1G "$file.new"
mke2fs -q -F -t ext4 -d "$root" "$file.new"
mv "$file.new" "$file"
