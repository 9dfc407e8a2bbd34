// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/fgft: the policy device, root only.  A policy text is written whole and
 * swapped in by its last line ("end N"); until then, and on any error, nothing
 * changes.  Reading gives "ok" or the last error with its line number.
 */
#include <linux/capability.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "fgft.h"

#define TEXT_MAX	(256 * 1024)

struct text {
	size_t len;
	char *buf;
};

static DEFINE_MUTEX(error_mutex);
static char last_error[256] = "ok";

static int dev_open(struct inode *inode, struct file *f)
{
	struct text *t;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	f->private_data = t;
	return 0;
}

static int dev_release(struct inode *inode, struct file *f)
{
	struct text *t = f->private_data;

	vfree(t->buf);
	kfree(t);
	return 0;
}

/* True when the last complete line of the text begins with "end ". */
static bool ends(const struct text *t)
{
	size_t i = t->len;

	if (!i || t->buf[i - 1] != '\n')
		return false;
	for (i--; i && t->buf[i - 1] != '\n'; i--)
		;
	return t->len - i > 4 && !strncmp(t->buf + i, "end ", 4);
}

static int apply(struct text *t)
{
	char err[sizeof(last_error)] = "ok";
	int ret;

	t->buf[t->len] = 0;
	if (strlen(t->buf) != t->len) {
		strscpy(err, "error: line 1: a zero byte in the text", sizeof(err));
		ret = -EINVAL;
	} else {
		ret = fgft_policy_apply(t->buf, err, sizeof(err));
	}
	t->len = 0;
	if (ret)
		fgft_count(policy_errors);
	mutex_lock(&error_mutex);
	strscpy(last_error, err, sizeof(last_error));
	mutex_unlock(&error_mutex);
	return ret;
}

static ssize_t dev_write(struct file *f, const char __user *buf, size_t n, loff_t *pos)
{
	struct text *t = f->private_data;
	int ret;

	if (!t->buf)
		t->buf = vmalloc(TEXT_MAX + 1);
	if (!t->buf)
		return -ENOMEM;
	if (n > TEXT_MAX - t->len)
		return -EFBIG;
	if (copy_from_user(t->buf + t->len, buf, n))
		return -EFAULT;
	t->len += n;
	if (!ends(t))
		return n;
	ret = apply(t);
	return ret ?: n;
}

static ssize_t dev_read(struct file *f, char __user *buf, size_t n, loff_t *pos)
{
	char line[sizeof(last_error) + 1];
	int len;

	mutex_lock(&error_mutex);
	len = scnprintf(line, sizeof(line), "%s\n", last_error);
	mutex_unlock(&error_mutex);
	return simple_read_from_buffer(buf, n, pos, line, len);
}

/* A text that was cut off is an error too; a reader has written nothing. */
static int dev_flush(struct file *f, fl_owner_t id)
{
	struct text *t = f->private_data;

	if (!t->len)
		return 0;
	t->len = 0;
	fgft_count(policy_errors);
	mutex_lock(&error_mutex);
	strscpy(last_error, "error: the text ends without its `end` line; nothing was changed",
		sizeof(last_error));
	mutex_unlock(&error_mutex);
	return -EINVAL;
}

static const struct file_operations dev_fops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.flush = dev_flush,
	.write = dev_write,
	.read = dev_read,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "fgft",
	.mode = 0600,
	.fops = &dev_fops,
};

int fgft_policy_init(void)
{
	return misc_register(&misc);
}

void fgft_policy_exit(void)
{
	misc_deregister(&misc);
}
