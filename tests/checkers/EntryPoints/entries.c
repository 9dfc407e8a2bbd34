// RUN: %clang_entry_points %s
//
// What the kernel calls: members of ops structs, at compile time and at run time, call-backs, the module's init.
#include <linux/effects-simulator.h>

static int my_open(struct net_device *dev) // expected-warning {{my_open is an entry point: open/close, by net_device_ops.ndo_open [entry-point]}}
{
	return 0;
}
static int my_mtu(struct net_device *dev, int mtu) // expected-warning {{my_mtu is an entry point: config, by net_device_ops.ndo_change_mtu}}
{
	return 0;
}
static irqreturn_t my_irq(int irq, void *data) // expected-warning {{my_irq is an entry point: interrupt, by request_threaded_irq}}
{
	return 0;
}
static int late(struct net_device *dev) // expected-warning {{late is an entry point: ethtool/proc/sysfs, by ethtool_ops.nway_reset}}
{
	return 0;
}
// Near negatives: called by the driver itself alone, kept in a struct of the driver's own, compared only.
static int helper(struct net_device *dev)
{
	return my_open(dev);
}
struct own_ops {
	int (*ndo_open)(struct net_device *dev);
};
static const struct own_ops own = { .ndo_open = helper };
static int never(struct net_device *dev)
{
	return own.ndo_open == never;
}

static const struct net_device_ops ops = { .ndo_open = my_open, .ndo_change_mtu = my_mtu };
static struct ethtool_ops late_ops;

static int my_init(void) // expected-warning {{my_init is an entry point: init, by module.init}}
{
	late_ops.nway_reset = late;
	never(0);
	return own.ndo_open(0) + (ops.ndo_open != 0) + request_threaded_irq(5, my_irq, NULL, 0, "my", NULL);
}
int init_module(void) __attribute__((alias("my_init")));
