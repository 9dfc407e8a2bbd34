// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
/*
 * See calls.h. Settings are toggled, because the kernel does not call a driver
 * for a value that it already has.
 */
#include "calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int control = -1;
static char device[IFNAMSIZ];

static int request(unsigned long number, struct ifreq *ifr)
{
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", device);
	return ioctl(control, number, ifr) < 0 ? -errno : 0;
}

static int ethtool(void *command)
{
	struct ifreq ifr = { .ifr_data = command };

	return request(SIOCETHTOOL, &ifr);
}

static int set_up(bool up)
{
	struct ifreq ifr = { 0 };
	int error = request(SIOCGIFFLAGS, &ifr);

	if (error)
		return error;
	if (!!(ifr.ifr_flags & IFF_UP) == up)
		return 0;
	ifr.ifr_flags ^= IFF_UP;
	return request(SIOCSIFFLAGS, &ifr);
}

int interface_up(void) { return set_up(true); }

int set_address(void)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *address = (struct sockaddr_in *)&ifr.ifr_addr;
	int error;

	address->sin_family = AF_INET;
	inet_aton("10.0.2.15", &address->sin_addr);
	error = request(SIOCSIFADDR, &ifr);
	inet_aton("255.255.255.0", &address->sin_addr);
	return error ? error : request(SIOCSIFNETMASK, &ifr);
}

static int interface_down(void) { return set_up(false); }

/* A device that does not wake has nothing to say. */
static int prepare_get_wol(void)
{
	struct ethtool_wolinfo wol = { .cmd = ETHTOOL_SWOL, .wolopts = WAKE_PHY | WAKE_MAGIC | WAKE_UCAST };
	int error = interface_up();

	return error ? error : ethtool(&wol);
}

static int get_wol(void)
{
	struct ethtool_wolinfo wol = { .cmd = ETHTOOL_GWOL };

	return ethtool(&wol);
}

static uint32_t next_wol;

static int prepare_set_wol(void)
{
	struct ethtool_wolinfo wol = { .cmd = ETHTOOL_GWOL };
	int error = interface_up();

	if (error)
		return error;
	error = ethtool(&wol);
	next_wol = wol.wolopts == WAKE_MAGIC ? WAKE_UCAST | WAKE_PHY : WAKE_MAGIC;
	return error;
}

static int set_wol(void)
{
	struct ethtool_wolinfo wol = { .cmd = ETHTOOL_SWOL, .wolopts = next_wol };

	return ethtool(&wol);
}

static int get_regs(void)
{
	struct {
		struct ethtool_regs head;
		char data[4096];
	} regs = { .head = { .cmd = ETHTOOL_GREGS, .len = 256 } };

	return ethtool(&regs);
}

static int get_stats(void)
{
	struct {
		struct ethtool_stats head;
		uint64_t data[512];
	} stats = { .head = { .cmd = ETHTOOL_GSTATS, .n_stats = 0 } };

	return ethtool(&stats);
}

struct link {
	struct ethtool_link_settings head;
	uint32_t masks[3 * 127];
};

static int read_link(struct link *link)
{
	int error;

	memset(link, 0, sizeof(*link));
	link->head.cmd = ETHTOOL_GLINKSETTINGS;
	/* The first answer is only how many words the masks have. */
	error = ethtool(link);
	if (error)
		return error;
	link->head.cmd = ETHTOOL_GLINKSETTINGS;
	link->head.link_mode_masks_nwords = -link->head.link_mode_masks_nwords;
	return ethtool(link);
}

static struct link settings;

static int get_link(void)
{
	struct link link;

	return read_link(&link);
}

static int prepare_set_link(void)
{
	int error = interface_up();

	return error ? error : read_link(&settings);
}

static int set_link(void)
{
	settings.head.cmd = ETHTOOL_SLINKSETTINGS;
	return ethtool(&settings);
}

static int nway_reset(void)
{
	struct ethtool_value value = { .cmd = ETHTOOL_NWAY_RST };

	return ethtool(&value);
}

static int get_drvinfo(void)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	return ethtool(&info);
}

static int set_msglevel(void)
{
	static uint32_t level = 7;
	struct ethtool_value value = { .cmd = ETHTOOL_SMSGLVL, .data = level ^= 8 };

	return ethtool(&value);
}

static int get_eeprom(void)
{
	struct {
		struct ethtool_eeprom head;
		char data[16];
	} eeprom = { .head = { .cmd = ETHTOOL_GEEPROM, .offset = 1, .len = 6 } };

	return ethtool(&eeprom);
}

static uint32_t checksum;

static int prepare_set_features(void)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GRXCSUM };
	int error = interface_up();

	if (error)
		return error;
	error = ethtool(&value);
	checksum = !value.data;
	return error;
}

static int set_features(void)
{
	struct ethtool_value value = { .cmd = ETHTOOL_SRXCSUM, .data = checksum };
	int error = ethtool(&value);

	if (error)
		return error;
	/* The kernel gives no error where a driver refused; ask what holds now. */
	value.cmd = ETHTOOL_GRXCSUM;
	error = ethtool(&value);
	return error ? error : value.data == checksum ? 0 : -EIO;
}

static int next_mtu;

static int prepare_change_mtu(void)
{
	struct ifreq ifr = { 0 };
	int error = interface_up();

	if (error)
		return error;
	error = request(SIOCGIFMTU, &ifr);
	next_mtu = ifr.ifr_mtu == 1500 ? 1400 : 1500;
	return error;
}

static int change_mtu(void)
{
	struct ifreq ifr = { .ifr_mtu = next_mtu };

	return request(SIOCSIFMTU, &ifr);
}

static int mii_ioctl(void)
{
	struct ifreq ifr = { 0 };
	struct mii_ioctl_data *mii = (struct mii_ioctl_data *)&ifr.ifr_data;
	int error;

	mii->reg_num = MII_ADVERTISE;
	error = request(SIOCGMIIREG, &ifr);
	if (error)
		return error;
	mii->reg_num = MII_ADVERTISE;
	mii->val_in = mii->val_out;
	return request(SIOCSMIIREG, &ifr);
}

/* Where the call before was aborted, its restore runs as work, and calls meanwhile find the gate closed. */
static int prepare_tx_timeout(void)
{
	usleep(2000);
	return interface_up();
}

static int tx_timeout(void)
{
	return file_write("/sys/kernel/debug/fgft_guest/control", "tx_timeout");
}

static const struct call calls[] = {
	{ "get_wol", prepare_get_wol, get_wol },
	{ "set_wol", prepare_set_wol, set_wol },
	{ "get_regs", interface_up, get_regs },
	{ "get_ethtool_stats", interface_up, get_stats },
	{ "get_link_ksettings", interface_up, get_link },
	{ "set_link_ksettings", prepare_set_link, set_link },
	{ "nway_reset", interface_up, nway_reset },
	{ "get_drvinfo", interface_up, get_drvinfo },
	{ "set_msglevel", interface_up, set_msglevel },
	{ "get_eeprom", interface_up, get_eeprom },
	{ "set_features", prepare_set_features, set_features },
	{ "change_mtu", prepare_change_mtu, change_mtu },
	{ "open", interface_down, interface_up },
	{ "close", interface_up, interface_down },
	{ "ioctl", interface_up, mii_ioctl },
	{ "tx_timeout", prepare_tx_timeout, tx_timeout },
};

const struct call *call_at(unsigned int index)
{
	return index < sizeof(calls) / sizeof(calls[0]) ? &calls[index] : NULL;
}

const struct call *call_find(const char *name)
{
	for (unsigned int i = 0; call_at(i); i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}

int calls_open(const char *name)
{
	struct ifreq ifr = { 0 };

	snprintf(device, sizeof(device), "%s", name);
	control = socket(AF_INET, SOCK_DGRAM, 0);
	return control < 0 ? -errno : request(SIOCGIFFLAGS, &ifr);
}

static uint16_t checksum_of(const void *data, int length)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (; length > 1; length -= 2)
		sum += *words++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static bool answered(int raw, const struct icmphdr *request, int milliseconds)
{
	uint64_t end = now_ns() + milliseconds * 1000000ull;
	struct timeval wait = { .tv_usec = 100000 };
	char packet[512];

	setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	while (now_ns() < end) {
		long got = recv(raw, packet, sizeof(packet), 0);
		const struct icmphdr *reply = (const void *)(packet + 20);

		if (got >= 28 && reply->type == ICMP_ECHOREPLY &&
		    reply->un.echo.id == request->un.echo.id &&
		    reply->un.echo.sequence == request->un.echo.sequence)
			return true;
	}
	return false;
}

bool ping_gateway(int tries)
{
	static uint16_t sequence;
	struct sockaddr_in gateway = { .sin_family = AF_INET };
	struct {
		struct icmphdr head;
		char data[32];
	} echo = { .head = { .type = ICMP_ECHO } };
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	bool good = false;

	if (raw < 0)
		return false;
	inet_aton("10.0.2.2", &gateway.sin_addr);
	for (; tries > 0 && !good; tries--) {
		echo.head.un.echo.id = 0x4647;
		echo.head.un.echo.sequence = htons(++sequence);
		echo.head.checksum = 0;
		echo.head.checksum = checksum_of(&echo, sizeof(echo));
		if (sendto(raw, &echo, sizeof(echo), 0, (struct sockaddr *)&gateway, sizeof(gateway)) > 0)
			good = answered(raw, &echo.head, 1000);
		else
			usleep(100000);
	}
	close(raw);
	return good;
}

long flood_gateway(unsigned long count)
{
	struct sockaddr_in gateway = { .sin_family = AF_INET, .sin_port = htons(9) };
	int sender = socket(AF_INET, SOCK_DGRAM, 0);
	char data[512] = { 0 };
	unsigned long sent = 0;

	if (sender < 0)
		return -errno;
	inet_aton("10.0.2.2", &gateway.sin_addr);
	/* Every packet goes through the driver before the next: a full queue would only drop. */
	for (unsigned long i = 0; i < count; i++)
		sent += sendto(sender, data, sizeof(data), 0, (struct sockaddr *)&gateway, sizeof(gateway)) ==
			sizeof(data);
	close(sender);
	return sent;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

long file_read(const char *path, char *text, unsigned long size)
{
	int file = open(path, O_RDONLY);
	unsigned long length = 0;
	long got;

	if (file < 0)
		return -errno;
	while (length + 1 < size && (got = read(file, text + length, size - 1 - length)) > 0)
		length += got;
	close(file);
	text[length] = 0;
	return length;
}

int file_write(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);
	int error = 0;

	if (file < 0)
		return -errno;
	if (write(file, text, strlen(text)) < 0)
		error = -errno;
	close(file);
	return error;
}
