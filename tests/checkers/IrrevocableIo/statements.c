// RUN: %clang_irrevocable_io %s
//
// The statement that makes an entry point irrevocable, and how that is known.
#include <linux/effects-simulator.h>

struct my { void __iomem *regs; u32 wanted; };
#define TX_FIFO 0x20
#define CONFIG 0x24

// The member's contract: what is written in set_eeprom goes to the EEPROM. And the way of the data: it is the
// caller's.
static int my_set_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *bytes)
{
	struct my *my = dev->priv;
	writeb(bytes[0], my->regs + CONFIG); // expected-warning-re {{my_set_eeprom cannot be undone: nvm-write by {{.*}} [nvm-write]}} expected-warning-re {{io-post by {{.*}}(dataflow): the value comes from parameter 2{{.*}} [io-post]}}
	return 0;
}
// The register's name.
static int my_reset(struct net_device *dev)
{
	struct my *my = dev->priv;
	writel(my->wanted, my->regs + TX_FIFO); // expected-warning-re {{my_reset cannot be undone: io-post by {{.*}}(name){{.*}} [io-post]}}
	return 0;
}
// Near negatives: the same access in a member without such a contract, to a register whose name says nothing.
static int my_open(struct net_device *dev)
{
	struct my *my = dev->priv;
	writeb(1, my->regs + CONFIG);
	return 0;
}
static const struct ethtool_ops ethtool = { .set_eeprom = my_set_eeprom, .nway_reset = my_reset };
static const struct net_device_ops ops = { .ndo_open = my_open };
