// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI configuration space.  A write is undone by writing the old value back,
 * except to the status register, whose bits are cleared by writing ones.
 */
#include <linux/pci.h>

#include "wrap.h"

#define CONFIG_READ(name, val_t)							\
WRAP(int, pci_read_config_##name, const struct pci_dev *pdev, int where, val_t *val) \
{										\
	struct fgft_txn *t = fgft_in();						\
	bool log = false;							\
	int ret;								\
										\
	if (t) {								\
		fgft_check_read(t, pdev, sizeof(*pdev));			\
		log = out_before(t, val, sizeof(*val));				\
	}									\
	ret = pci_read_config_##name(pdev, where, val);				\
	if (t)									\
		out_after(t, log, val, sizeof(*val));				\
	return ret;								\
}

CONFIG_READ(byte, u8)
CONFIG_READ(word, u16)
CONFIG_READ(dword, u32)

#define CONFIG_WRITE(name, type)							\
static void undo_##name(struct fgft_txn *t, struct fgft_act *a)			\
{										\
	pci_write_config_##name((struct pci_dev *)a->a, a->b, a->c);		\
}										\
										\
WRAP(int, pci_write_config_##name, const struct pci_dev *pdev, int where, type val) \
{										\
	struct fgft_txn *t = fgft_in();						\
	type old;								\
										\
	if (t) {								\
		fgft_check_read(t, pdev, sizeof(*pdev));			\
		fgft_act_reserve(t, 1);						\
		if (where + (int)sizeof(val) <= PCI_STATUS || where > PCI_STATUS + 1) { \
			if (!pci_read_config_##name(pdev, where, &old))		\
				fgft_undo(t, undo_##name, (unsigned long)pdev,	\
					  where, old, 0);			\
		}								\
	}									\
	return pci_write_config_##name(pdev, where, val);			\
}

CONFIG_WRITE(byte, u8)
CONFIG_WRITE(word, u16)
CONFIG_WRITE(dword, u32)
