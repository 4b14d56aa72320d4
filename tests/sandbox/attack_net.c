/* Somebody who listens on the host, by every kind of socket. */
#include "attack.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#ifndef AF_XDP
#define AF_XDP	44
#endif

#define WIDE	0x100000000L

static enum verdict
judge_connect(int fd, const void *to, socklen_t len)
{
	if (fd == -1)
		return held("socket");
	return judge(connect(fd, to, len), "connect");
}

/* The name of the attempt, so that the listener knows whose it is. */
static enum verdict
send_name(int fd, const void *to, socklen_t len)
{
	if (fd == -1)
		return held("socket");
	if (sendto(fd, me, strlen(me), 0, to, len) == -1)
		return held("sendto");
	return DONE;
}

static struct sockaddr_in
local4(const char *port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)number(port)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static struct sockaddr_in6
local6(const char *port)
{
	return (struct sockaddr_in6){ .sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)number(port)),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
}

static socklen_t
to_path(struct sockaddr_un *to, const char *path)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(to->sun_path, sizeof(to->sun_path), "%s", path);
	return sizeof(*to);
}

static socklen_t
to_abstract(struct sockaddr_un *to, const char *name)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(to->sun_path + 1, sizeof(to->sun_path) - 1, "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
	    strlen(name));
}

static enum verdict
connect4(int type, int protocol)
{
	struct sockaddr_in to = local4(scene.tcp);

	if (scene.tcp == NULL)
		return untried("no listener");
	return judge_connect(socket(AF_INET, type, protocol), &to,
	    sizeof(to));
}

TRY(tcp4)
{
	return connect4(SOCK_STREAM, 0);
}

TRY(mptcp4)
{
	return connect4(SOCK_STREAM, IPPROTO_MPTCP);
}

TRY(tcp6)
{
	struct sockaddr_in6 to = local6(scene.tcp);

	if (scene.tcp == NULL)
		return untried("no listener");
	return judge_connect(socket(AF_INET6, SOCK_STREAM, 0), &to,
	    sizeof(to));
}

/* To an IPv4 listener by an IPv6 socket. */
TRY(tcp4_mapped)
{
	struct sockaddr_in6 to = local6(scene.tcp);

	if (scene.tcp == NULL)
		return untried("no listener");
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr);
	return judge_connect(socket(AF_INET6, SOCK_STREAM, 0), &to,
	    sizeof(to));
}

/* A connection without connect(). */
TRY(tcp_fastopen)
{
	struct sockaddr_in to = local4(scene.tcp);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (scene.tcp == NULL)
		return untried("no listener");
	if (fd == -1)
		return held("socket");
	return judge(sendto(fd, "x", 1, MSG_FASTOPEN, (void *)&to,
	    sizeof(to)), "MSG_FASTOPEN");
}

TRY(tcp_any)
{
	struct sockaddr_in to = local4(scene.tcp);

	if (scene.tcp == NULL)
		return untried("no listener");
	to.sin_addr.s_addr = INADDR_ANY;
	return judge_connect(socket(AF_INET, SOCK_STREAM, 0), &to,
	    sizeof(to));
}

TRY(udp4)
{
	struct sockaddr_in to = local4(scene.udp);

	if (scene.udp == NULL)
		return untried("no listener");
	return send_name(socket(AF_INET, SOCK_DGRAM, 0), &to, sizeof(to));
}

TRY(udp6)
{
	struct sockaddr_in6 to = local6(scene.udp);

	if (scene.udp == NULL)
		return untried("no listener");
	return send_name(socket(AF_INET6, SOCK_DGRAM, 0), &to, sizeof(to));
}

static enum verdict
connect_path(const char *path, int type)
{
	struct sockaddr_un to;
	socklen_t len = to_path(&to, path);

	if (path[0] == '\0')
		return untried("no listener");
	return judge_connect(socket(AF_UNIX, type, 0), &to, len);
}

TRY(unix_shown)
{
	return connect_path(in(scene.shown, "stream"), SOCK_STREAM);
}

TRY(unix_here)
{
	return connect_path("stream", SOCK_STREAM);
}

TRY(unix_run)
{
	return connect_path(in(scene.run, "stream"), SOCK_STREAM);
}

TRY(unix_abstract)
{
	struct sockaddr_un to;
	socklen_t len;

	if (scene.abstract == NULL)
		return untried("no listener");
	len = to_abstract(&to, scene.abstract);
	return judge_connect(socket(AF_UNIX, SOCK_STREAM, 0), &to, len);
}

TRY(unix_abstract_wide)
{
	struct sockaddr_un to;
	socklen_t len;

	if (scene.abstract == NULL)
		return untried("no listener");
	len = to_abstract(&to, scene.abstract);
	return judge_connect((int)syscall(SYS_socket, AF_UNIX | WIDE,
	    SOCK_STREAM | WIDE, WIDE), &to, len);
}

/* A pair needs no socket(), and a datagram goes where it is addressed. */
static enum verdict
send_by_pair(const struct sockaddr_un *to, socklen_t len)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sv) == -1)
		return held("socketpair");
	return send_name(sv[0], to, len);
}

static enum verdict
pair_to(const char *path)
{
	struct sockaddr_un to;
	socklen_t len = to_path(&to, path);

	return path[0] == '\0' ? untried("no listener") :
	    send_by_pair(&to, len);
}

TRY(pair_shown)
{
	return pair_to(in(scene.shown, "dgram"));
}

TRY(pair_here)
{
	return pair_to("dgram");
}

TRY(pair_run)
{
	return pair_to(in(scene.run, "dgram"));
}

TRY(pair_abstract)
{
	struct sockaddr_un to;
	socklen_t len;

	if (scene.abstract_dgram == NULL)
		return untried("no listener");
	len = to_abstract(&to, scene.abstract_dgram);
	return send_by_pair(&to, len);
}

/* The old peer is left, and another one taken. */
TRY(pair_connect)
{
	struct sockaddr_un to;
	int sv[2];

	if (scene.shown == NULL)
		return untried("no listener");
	to_path(&to, in(scene.shown, "dgram"));
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sv) == -1)
		return held("socketpair");
	return judge_connect(sv[0], &to, sizeof(to));
}

TRY(pair_stream_connect)
{
	struct sockaddr_un to;
	int sv[2];

	if (scene.shown == NULL)
		return untried("no listener");
	to_path(&to, in(scene.shown, "stream"));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return held("socketpair");
	close(sv[1]);
	return judge_connect(sv[0], &to, sizeof(to));
}


TRY(pair_tipc)
{
	int sv[2];

	return judge_reach(socketpair(AF_TIPC, SOCK_SEQPACKET, 0, sv),
	    "socketpair");
}

static enum verdict
judge_socket(int family, int type, int protocol)
{
	return judge_reach(socket(family, type, protocol), "socket");
}

TRY(netlink)
{
	return judge_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

TRY(netlink_uevent)
{
	return judge_socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
}

TRY(netlink_audit)
{
	return judge_socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
}

TRY(netlink_netfilter)
{
	return judge_socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

TRY(vsock)
{
	return judge_socket(AF_VSOCK, SOCK_STREAM, 0);
}

TRY(alg)
{
	return judge_socket(AF_ALG, SOCK_SEQPACKET, 0);
}

TRY(packet)
{
	return judge_socket(AF_PACKET, SOCK_RAW, 0);
}

TRY(raw4)
{
	return judge_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

/* Its family is allowed, so it may be the kernel that has none. */
TRY(raw6)
{
	return judge(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6), "socket");
}

TRY(xdp)
{
	return judge_socket(AF_XDP, SOCK_RAW, 0);
}

TRY(bluetooth)
{
	return judge_socket(AF_BLUETOOTH, SOCK_RAW, 1);
}

TRY(tipc)
{
	return judge_socket(AF_TIPC, SOCK_RDM, 0);
}

TRY(pf_key)
{
	return judge_socket(AF_KEY, SOCK_RAW, 2);
}

TRY(can)
{
	return judge_socket(AF_CAN, SOCK_RAW, 1);
}

TRY(rds)
{
	return judge_socket(AF_RDS, SOCK_SEQPACKET, 0);
}

TRY(sctp)
{
	struct sockaddr_in to = local4(scene.tcp);

	return judge_connect(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), &to,
	    sizeof(to));
}

/* What interfaces there are is the host's business. */
TRY(interfaces)
{
	char text[4096] = "";
	int fd = open("/proc/net/dev", O_RDONLY);

	if (fd == -1 || read(fd, text, sizeof(text) - 1) == -1)
		return held("/proc/net/dev");
	errno = 0;
	return strstr(text, "eth") != NULL || strstr(text, "ens") != NULL ||
	    strstr(text, "enp") != NULL || strstr(text, "wl") != NULL ?
	    escaped("/proc/net/dev") : held("none of the host's is there");
}
