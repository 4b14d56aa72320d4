#!/bin/sh
# Runs each packaged tool as the supervisor would, in a folder of its own:
# arguments in the environment, progress on a descriptor. TAP on stdout.
set -u

tools=$1
home=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server"
	rm -rf "$home"
}
trap finish EXIT
cd "$home" || exit 99
mkfifo progress-pipe
count=0

# What the last tool said, and how it ended.
run() {
	tool=$1
	shift
	env "$@" "$tools/$tool" >out 2>err </dev/null
	status=$?
}

ok() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# out: /' out
		sed 's/^/# err: /' err
		echo "# status: $status"
	fi
}

# ends STATUS PROMISE
ends() {
	[ "$status" -eq "$1" ]
	ok $? "$2"
}

# prints TEXT PROMISE; all of stdout, and a good end
prints() {
	[ "$status" -eq 0 ] && [ "$(cat out)" = "$1" ]
	ok $? "$2"
}

tab=$(printf '\t')

if command -v shellcheck >/dev/null; then
	shellcheck "$tools"/* >out 2>err
	status=$?
	ends 0 "shellcheck has nothing to say"
fi

# read-file
printf 'one\ntwo\nthree' >text
printf 'a\0b' >binary
run read-file SIGBOX_ARG_PATH=text
prints "1${tab}one
2${tab}two
3${tab}three" "a file is read with its line numbers"
run read-file SIGBOX_ARG_PATH=text SIGBOX_ARG_OFFSET=2 SIGBOX_ARG_LIMIT=1
prints "2${tab}two
[more from line 3 on]" "a part says where it goes on"
run read-file SIGBOX_ARG_PATH=text SIGBOX_ARG_OFFSET=9
prints "[3 lines in all]" "beyond the end there is nothing"
run read-file SIGBOX_ARG_PATH=gone
ends 66 "a file that is not there is no input"
run read-file SIGBOX_ARG_PATH=.
ends 65 "a folder is not read"
run read-file SIGBOX_ARG_PATH=binary
ends 65 "a binary file is not read"
run read-file SIGBOX_ARG_PATH=text SIGBOX_ARG_OFFSET=0
ends 64 "lines are counted from one"

# write-file
run write-file SIGBOX_ARG_PATH=new SIGBOX_ARG_CONTENT='a\n%s
'
[ "$status" -eq 0 ] && [ "$(cat new)" = 'a\n%s' ] && [ "$(wc -c <new)" -eq 6 ]
ok $? "what is written is what was said"
chmod 750 new
run write-file SIGBOX_ARG_PATH=new SIGBOX_ARG_CONTENT=b
[ "$(cat new)" = b ] && [ "$(stat -c %a new)" = 750 ]
ok $? "a replaced file keeps its mode"
run write-file SIGBOX_ARG_PATH=new SIGBOX_ARG_CONTENT=c SIGBOX_ARG_APPEND=true
[ "$(cat new)" = bc ]
ok $? "append adds to the end"
ln -s new link
run write-file SIGBOX_ARG_PATH=link SIGBOX_ARG_CONTENT=d
[ -L link ] && [ "$(cat new)" = d ]
ok $? "a link stays a link"
run write-file SIGBOX_ARG_PATH=x/y/z SIGBOX_ARG_CONTENT=d
ends 66 "a folder that is not there is no place"
run write-file SIGBOX_ARG_PATH=x/y/z SIGBOX_ARG_CONTENT=d \
	SIGBOX_ARG_PARENTS=true
[ "$(cat x/y/z)" = d ]
ok $? "unless it is to be made"
run write-file SIGBOX_ARG_PATH=-n SIGBOX_ARG_CONTENT=d
[ "$(cat ./-n)" = d ]
ok $? "a name with a dash is a name"
run write-file SIGBOX_ARG_PATH=new SIGBOX_ARG_CONTENT=
[ "$status" -eq 0 ] && [ -e new ] && [ ! -s new ]
ok $? "nothing is something to write"
run write-file SIGBOX_ARG_PATH=new
ends 65 "what did not fit into an argument is not taken for nothing"
[ -z "$(find . -name '.write-file.*')" ]
ok $? "no half of a file is left behind"

# edit-file
printf 'a.b\nfoo\\n(x)\nlast' >code
chmod 750 code
run edit-file SIGBOX_ARG_PATH=code SIGBOX_ARG_OLD='foo\n(x)
l' SIGBOX_ARG_NEW='&\1
L'
[ "$status" -eq 0 ] && [ "$(cat code)" = 'a.b
&\1
Last' ] && [ "$(wc -c <code)" -eq 12 ] && [ "$(stat -c %a code)" = 750 ]
ok $? "one piece is replaced, byte by byte"
run edit-file SIGBOX_ARG_PATH=code SIGBOX_ARG_OLD='aXb' SIGBOX_ARG_NEW=x
ends 65 "what is not there is not replaced"
printf 'aaa' >code
run edit-file SIGBOX_ARG_PATH=code SIGBOX_ARG_OLD=aa SIGBOX_ARG_NEW=x
[ "$status" -eq 65 ] && [ "$(cat code)" = aaa ]
ok $? "what is there twice is not either, though it overlaps"
run edit-file SIGBOX_ARG_PATH=code SIGBOX_ARG_OLD=aaa SIGBOX_ARG_NEW=
[ "$status" -eq 0 ] && [ ! -s code ]
ok $? "a piece can be deleted"
run edit-file SIGBOX_ARG_PATH=binary SIGBOX_ARG_OLD=a SIGBOX_ARG_NEW=x
ends 65 "a binary file is not edited"
[ -z "$(find . -name '.edit-file.*')" ]
ok $? "no half of an edit is left behind"

# search-files
mkdir -p src/deep src/.git
printf 'int main\nvoid Main\n' >src/deep/a.c
printf 'main\n' >src/b.h
printf 'main\n' >src/.git/c.c
run search-files SIGBOX_ARG_PATTERN='^int ma+in' SIGBOX_ARG_PATH=src
prints "src/deep/a.c:1:int main" "a line is found with its place"
run search-files SIGBOX_ARG_PATTERN=main SIGBOX_ARG_PATH=src \
	SIGBOX_ARG_GLOB='*.c' SIGBOX_ARG_IGNORE_CASE=true
prints "src/deep/a.c:1:int main
src/deep/a.c:2:void Main" "names and case can be said"
run search-files SIGBOX_ARG_PATTERN=main SIGBOX_ARG_LIMIT=1 SIGBOX_ARG_PATH=src
[ "$(tail -n 1 out)" = "[there are more than 1 lines]" ]
ok $? "a limit says that there is more"
run search-files SIGBOX_ARG_PATTERN=nowhere SIGBOX_ARG_PATH=src
prints "[no line matches]" "to find nothing is no failure"
run search-files SIGBOX_ARG_PATTERN='(' SIGBOX_ARG_PATH=src
ends 65 "a bad expression is told apart from no match"
run search-files SIGBOX_ARG_PATTERN=-e SIGBOX_ARG_PATH=src
ends 0 "an expression with a dash is an expression"

# list-files
run list-files SIGBOX_ARG_PATH=src
prints "d $(stat -c %s src/.git) src/.git
f 5 src/b.h
d $(stat -c %s src/deep) src/deep" "a folder is listed in order"
run list-files SIGBOX_ARG_PATH=src SIGBOX_ARG_DEPTH=3 SIGBOX_ARG_GLOB='*.c'
prints "f 19 src/deep/a.c" "names can be said, and .git is left alone"
run list-files SIGBOX_ARG_PATH=src SIGBOX_ARG_LIMIT=1
[ "$(tail -n 1 out)" = "[there are more than 1]" ]
ok $? "a long list says that there is more"
run list-files SIGBOX_ARG_PATH=text
ends 65 "a file is no folder"

# watch-log: what it says first is that it watches from here on
printf 'ERROR old\n' >log
SIGBOX_ARG_PATH=log SIGBOX_ARG_PATTERN=ERROR SIGBOX_ARG_MATCHES=2 \
	SIGBOX_PROGRESS_FD=9 "$tools/watch-log" 9>progress-pipe >out 2>err &
watch=$!
head -n 1 <progress-pipe >progress
printf 'fine\nERROR one\nfine\nERROR two\nERROR three\n' >>log
wait "$watch"
status=$?
prints "ERROR one
ERROR two" "a log is watched from now on until there were enough"
[ "$(cat progress)" = "watching log" ]
ok $? "it says when it has begun"
run watch-log SIGBOX_ARG_PATH=log SIGBOX_ARG_PATTERN=NEVER SIGBOX_ARG_SECONDS=1
ends 1 "a watch that saw nothing is no success"
run watch-log SIGBOX_ARG_PATH=log SIGBOX_ARG_PATTERN='['
ends 65 "a watch for a bad expression does not begin"

# fetch-url
run fetch-url SIGBOX_ARG_URL=file:///etc/passwd
ends 64 "only http is fetched"
run fetch-url SIGBOX_ARG_URL=http://127.0.0.1:1/
ends 75 "a server that is not there may come back"
if command -v python3 >/dev/null; then
	mkfifo port-pipe
	python3 -c '
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler,
                            directory=sys.argv[1])
server = http.server.HTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
sys.stdout.close()
server.serve_forever()' "$home/src" >port-pipe 2>/dev/null &
	server=$!
	read -r port <port-pipe
	url=http://127.0.0.1:$port
	run fetch-url SIGBOX_ARG_URL="$url/b.h"
	prints main "a text is printed"
	run fetch-url SIGBOX_ARG_URL="$url/gone"
	ends 65 "a page that is not there is not asked for again"
	run fetch-url SIGBOX_ARG_URL="$url/b.h" SIGBOX_ARG_MAX_BYTES=2
	ends 65 "what is too long is not fetched"
	cp binary src
	run fetch-url SIGBOX_ARG_URL="$url/binary"
	ends 65 "what is no text is not printed"
	run fetch-url SIGBOX_ARG_URL="$url/binary" SIGBOX_ARG_OUTPUT=saved
	[ "$status" -eq 0 ] && cmp -s saved binary
	ok $? "but it can be saved"
fi

echo "1..$count"
