/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * As much of the kernel's interfaces as the checkers of entry points and effects look at; names are the kernel's,
 * and nothing else of it is here.
 */
#pragma once
#include <linux/kernel-simulator.h>

#define __iomem
typedef unsigned char u8;
typedef int irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *data);
struct mutex { int locked; };
struct sk_buff { void *data; unsigned int len; };
struct net_device { void *priv; int mtu; };
struct ethtool_eeprom { u32 len; };
struct ethtool_drvinfo { char driver[32]; };

struct ethtool_ops {
	void (*get_drvinfo)(struct net_device *dev, struct ethtool_drvinfo *info);
	int (*nway_reset)(struct net_device *dev);
	int (*set_eeprom)(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *bytes);
};
struct net_device_ops {
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
	int (*ndo_start_xmit)(struct sk_buff *skb, struct net_device *dev);
	int (*ndo_change_mtu)(struct net_device *dev, int mtu);
};

void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
void msleep(unsigned int ms);
u32 readl(const void __iomem *address);
void writel(u32 value, void __iomem *address);
void writeb(u8 value, void __iomem *address);
int request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
			 const char *name, void *data);
int unknown_to_the_model(struct net_device *dev);
int other_unknown(struct net_device *dev);
