// RUN: %clang_effects %s
// RUN: %clang_effects -Xclang -analyzer-config -Xclang fgft.Effects:Level=undoable -DUNDOABLE %s
//
// Statements of at least the wanted level, by way of helpers too; what the model does not know at any level.
#include <linux/effects-simulator.h>

struct my { void __iomem *regs; struct mutex lock; int state; };

static void program(struct my *my)
{
	writel(1, my->regs + 0x40); // expected-warning {{my_open: dev-write by}}
}
static int my_open(struct net_device *dev)
{
	struct my *my = dev->priv;
#ifdef UNDOABLE
	mutex_lock(&my->lock); // expected-warning {{my_open: lock by mutex_lock}}
#else
	mutex_lock(&my->lock);
#endif
	my->state = 1;
	program(my);
	mutex_unlock(&my->lock);
	return 0;
}
// Near negative: reads the device, writes memory.
static int my_mtu(struct net_device *dev, int mtu)
{
	struct my *my = dev->priv;
	my->state = readl(my->regs + 0x44);
	dev->mtu = mtu;
	return 0;
}
static int my_reset(struct net_device *dev)
{
	return unknown_to_the_model(dev); // expected-warning {{my_reset: unknown by unknown_to_the_model}}
}
// Of `x ?: y` both are run, x once.
static int answer(struct my *my)
{
	writel(3, my->regs + 0x48); // expected-warning {{my_stop: dev-write by}}
	return 0;
}
static int my_stop(struct net_device *dev)
{
	struct my *my = dev->priv;
	int error = answer(my) ?: other_unknown(dev); // expected-warning {{my_stop: unknown by other_unknown}}

	return error;
}
// Near negative: no entry point reaches it.
static void unused(struct my *my)
{
	writel(2, my->regs);
}
static const struct net_device_ops ops = { .ndo_open = my_open, .ndo_stop = my_stop, .ndo_change_mtu = my_mtu };
static const struct ethtool_ops ethtool = { .nway_reset = my_reset };
