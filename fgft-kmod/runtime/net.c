// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate of the class "net": what the network core may hand to the driver.
 */
#include <linux/netdevice.h>

#include "fgft.h"

void fgft_net_close(struct fgft_gate *g)
{
	struct net_device *dev = g->object;

	if (!netif_device_present(dev))
		return;
	netif_device_detach(dev);
	g->detached = true;
}

void fgft_net_again(struct fgft_gate *g)
{
	struct net_device *dev = g->object;

	if (g->detached && netif_running(dev))
		netif_tx_stop_all_queues(dev);
}

/* A disabled instance holds both bits for good; a running poll only one. */
static bool napi_is_off(struct napi_struct *n)
{
	return test_bit(NAPI_STATE_SCHED, &n->state) && test_bit(NAPI_STATE_NPSVC, &n->state);
}

/* May sleep.  RTNL, or the caller's own exclusion, keeps the list still. */
void fgft_net_quiesce(struct fgft_gate *g)
{
	struct net_device *dev = g->object;
	struct napi_struct *n;

	list_for_each_entry(n, &dev->napi_list, dev_list) {
		if (g->nr_napis == ARRAY_SIZE(g->napis))
			break;
		if (napi_is_off(n))
			continue;
		napi_disable(n);
		g->napis[g->nr_napis++] = n;
	}
}

void fgft_net_open(struct fgft_gate *g)
{
	struct net_device *dev = g->object;

	while (g->nr_napis) {
		struct napi_struct *n = g->napis[--g->nr_napis];

		napi_enable(n);
	}
	if (g->detached && !netif_device_present(dev))
		netif_device_attach(dev);
	/* polls that were asked for while the gate was closed */
	if (netif_running(dev)) {
		struct napi_struct *n;

		list_for_each_entry(n, &dev->napi_list, dev_list)
			if (!napi_is_off(n) && g->entry->flags & FGFT_EF_GATE_NAPI) {
				local_bh_disable();
				napi_schedule(n);
				local_bh_enable();
			}
	}
}
