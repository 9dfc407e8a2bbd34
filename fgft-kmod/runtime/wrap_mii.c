// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MII library.  Its functions hold nothing while they call back into the
 * driver (mdio_read, mdio_write), so they may be abandoned from there; the
 * call-backs join the transaction as clones (rule 6).
 *
 * mii.ko is not a dependency of fgft.ko: a driver that uses it brings it.
 */
#include <linux/if_link.h>
#include <linux/mii.h>
#include <linux/netdevice.h>

#include "compat/compat.h"
#include "wrap.h"

static struct {
	typeof(mii_check_media) *check_media;
	typeof(mii_link_ok) *link_ok;
	typeof(mii_nway_restart) *nway_restart;
	typeof(mii_ethtool_get_link_ksettings) *get;
	typeof(mii_ethtool_set_link_ksettings) *set;
	typeof(generic_mii_ioctl) *ioctl;
} mii_fn;

/* At every driver's registration: the driver's own use pins mii.ko. */
void fgft_mii_resolve(void)
{
	mii_fn.check_media = (void *)fgft_compat_lookup("mii_check_media");
	mii_fn.link_ok = (void *)fgft_compat_lookup("mii_link_ok");
	mii_fn.nway_restart = (void *)fgft_compat_lookup("mii_nway_restart");
	mii_fn.get = (void *)fgft_compat_lookup("mii_ethtool_get_link_ksettings");
	mii_fn.set = (void *)fgft_compat_lookup("mii_ethtool_set_link_ksettings");
	mii_fn.ioctl = (void *)fgft_compat_lookup("generic_mii_ioctl");
}

/* Opens the bracket in which a call-back may abandon the call. */
static struct fgft_txn *mii_begin(struct mii_if_info *mii, void *fn)
{
	struct fgft_txn *t = fgft_in();

	if (!t)
		return NULL;
	fgft_check_read(t, mii, sizeof(*mii));
	if (!fn)
		fgft_raise(t, FGFT_C_REFUSED, 0, "mii.ko is not loaded");
	if (!fgft_compat_is_text((unsigned long)mii->mdio_read) ||
	    !fgft_compat_is_text((unsigned long)mii->mdio_write))
		fgft_raise(t, FGFT_C_JUMP, (unsigned long)mii, "mdio call-back is no function");
	fgft_check_read(t, mii->dev, sizeof(*mii->dev));
	object_before(t, mii, sizeof(*mii));
	t->cb++;
	return t;
}

static void mii_end(struct fgft_txn *t, struct mii_if_info *mii)
{
	if (!t)
		return;
	t->cb--;
	object_after(t, mii, sizeof(*mii));
}

WRAP(unsigned int, mii_check_media, struct mii_if_info *mii, unsigned int ok_to_print,
	unsigned int init_media)
{
	struct fgft_txn *t = mii_begin(mii, mii_fn.check_media);
	unsigned int ret;

	if (t)
		fgft_carrier_before(t, mii->dev);
	ret = mii_fn.check_media(mii, ok_to_print, init_media);
	mii_end(t, mii);
	return ret;
}

WRAP(int, mii_link_ok, struct mii_if_info *mii)
{
	struct fgft_txn *t = mii_begin(mii, mii_fn.link_ok);
	int ret = mii_fn.link_ok(mii);

	mii_end(t, mii);
	return ret;
}

WRAP(int, mii_nway_restart, struct mii_if_info *mii)
{
	struct fgft_txn *t = mii_begin(mii, mii_fn.nway_restart);
	int ret = mii_fn.nway_restart(mii);

	mii_end(t, mii);
	return ret;
}

WRAP(void, mii_ethtool_get_link_ksettings, struct mii_if_info *mii,
	struct ethtool_link_ksettings *cmd)
{
	struct fgft_txn *t = mii_begin(mii, mii_fn.get);
	bool log = false;

	if (t)
		log = out_before(t, cmd, sizeof(*cmd));
	mii_fn.get(mii, cmd);
	if (t)
		out_after(t, log, cmd, sizeof(*cmd));
	mii_end(t, mii);
}

WRAP(int, mii_ethtool_set_link_ksettings, struct mii_if_info *mii,
	const struct ethtool_link_ksettings *cmd)
{
	struct fgft_txn *t = mii_begin(mii, mii_fn.set);
	int ret;

	if (t)
		fgft_check_read(t, cmd, sizeof(*cmd));
	ret = mii_fn.set(mii, cmd);
	mii_end(t, mii);
	return ret;
}

WRAP(int, generic_mii_ioctl, struct mii_if_info *mii, struct mii_ioctl_data *data, int cmd,
	unsigned int *changed)
{
	struct fgft_txn *t = mii_begin(mii, mii_fn.ioctl);
	bool log = false, log_changed = false;
	int ret;

	if (t) {
		log = out_before(t, data, sizeof(*data));
		if (changed)
			log_changed = out_before(t, changed, sizeof(*changed));
	}
	ret = mii_fn.ioctl(mii, data, cmd, changed);
	if (t) {
		out_after(t, log, data, sizeof(*data));
		out_after(t, log_changed, changed, sizeof(*changed));
	}
	mii_end(t, mii);
	return ret;
}
