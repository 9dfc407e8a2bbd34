/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * As much of the kernel's driver model as the checkers look at: struct tags, members and macros have the kernel's
 * names, and nothing else of it is here.
 */
#pragma once

#define NULL ((void *)0)
typedef unsigned int u32;

struct device;
struct module;
typedef int (*pm_callback)(struct device *);

struct dev_pm_ops {
	int (*prepare)(struct device *dev);
	void (*complete)(struct device *dev);
	pm_callback suspend, resume, freeze, thaw, poweroff, restore;
	pm_callback suspend_late, resume_early, freeze_late, thaw_early, poweroff_late, restore_early;
	pm_callback suspend_noirq, resume_noirq, freeze_noirq, thaw_noirq, poweroff_noirq, restore_noirq;
	pm_callback runtime_suspend, runtime_resume, runtime_idle;
};

struct device_driver {
	const char *name;
	struct module *owner;
	const struct dev_pm_ops *pm;
};
struct device {
	struct device_driver *driver;
	void *driver_data;
};
typedef struct { int event; } pm_message_t;

/* Pointers that vanish with their configuration. */
#ifdef CONFIG_PM
#define pm_ptr(p) (p)
#else
#define pm_ptr(p) NULL
#endif
#ifdef CONFIG_PM_SLEEP
#define pm_sleep_ptr(p) (p)
#else
#define pm_sleep_ptr(p) NULL
#endif

/* Members of a table, by twos: three ways down, three ways up. */
#define SIX(down, up, a, b, c, d, e, f) .a = down, .b = down, .c = down, .d = up, .e = up, .f = up,
#define SYSTEM_SLEEP_PM_OPS(down, up) \
	SIX(pm_sleep_ptr(down), pm_sleep_ptr(up), suspend, freeze, poweroff, resume, thaw, restore)
#define LATE_SYSTEM_SLEEP_PM_OPS(down, up)                                                            \
	SIX(pm_sleep_ptr(down), pm_sleep_ptr(up), suspend_late, freeze_late, poweroff_late, resume_early, \
	    thaw_early, restore_early)
#define NOIRQ_SYSTEM_SLEEP_PM_OPS(down, up)                                                              \
	SIX(pm_sleep_ptr(down), pm_sleep_ptr(up), suspend_noirq, freeze_noirq, poweroff_noirq, resume_noirq, \
	    thaw_noirq, restore_noirq)
#define RUNTIME_PM_OPS(down, up, idle) .runtime_suspend = down, .runtime_resume = up, .runtime_idle = idle,
#ifdef CONFIG_PM_SLEEP
#define SET_SYSTEM_SLEEP_PM_OPS(down, up) SYSTEM_SLEEP_PM_OPS(down, up)
#define SET_LATE_SYSTEM_SLEEP_PM_OPS(down, up) LATE_SYSTEM_SLEEP_PM_OPS(down, up)
#define SET_NOIRQ_SYSTEM_SLEEP_PM_OPS(down, up) NOIRQ_SYSTEM_SLEEP_PM_OPS(down, up)
#else
#define SET_SYSTEM_SLEEP_PM_OPS(down, up)
#define SET_LATE_SYSTEM_SLEEP_PM_OPS(down, up)
#define SET_NOIRQ_SYSTEM_SLEEP_PM_OPS(down, up)
#endif
#ifdef CONFIG_PM
#define SET_RUNTIME_PM_OPS(down, up, idle) RUNTIME_PM_OPS(down, up, idle)
#else
#define SET_RUNTIME_PM_OPS(down, up, idle)
#endif

/* Whole tables. */
int pm_runtime_force_suspend(struct device *dev);
int pm_runtime_force_resume(struct device *dev);
#define SIMPLE_DEV_PM_OPS(name, down, up) const struct dev_pm_ops name = { SET_SYSTEM_SLEEP_PM_OPS(down, up) }
#define DEFINE_SIMPLE_DEV_PM_OPS(name, down, up) const struct dev_pm_ops name = { SYSTEM_SLEEP_PM_OPS(down, up) }
#define DEFINE_NOIRQ_DEV_PM_OPS(name, down, up) \
	const struct dev_pm_ops name = { NOIRQ_SYSTEM_SLEEP_PM_OPS(down, up) }
#define UNIVERSAL_DEV_PM_OPS(name, down, up, idle) \
	const struct dev_pm_ops name = { SET_SYSTEM_SLEEP_PM_OPS(down, up) SET_RUNTIME_PM_OPS(down, up, idle) }
#define DEFINE_RUNTIME_DEV_PM_OPS(name, down, up, idle)                                              \
	const struct dev_pm_ops name = {                                                             \
		SYSTEM_SLEEP_PM_OPS(pm_runtime_force_suspend, pm_runtime_force_resume) RUNTIME_PM_OPS(down, up, idle) \
	}
#define EXPORT_GPL_SIMPLE_DEV_PM_OPS(name, down, up) DEFINE_SIMPLE_DEV_PM_OPS(name, down, up)
#define EXPORT_GPL_RUNTIME_DEV_PM_OPS(name, down, up, idle) \
	const struct dev_pm_ops name = { RUNTIME_PM_OPS(down, up, idle) }

/* Buses. */
struct pci_dev { struct device dev; };
struct pci_error_handlers { void (*resume)(struct pci_dev *pdev); };
struct pci_driver {
	const char *name;
	int (*probe)(struct pci_dev *pdev);
	int (*suspend)(struct pci_dev *pdev, pm_message_t state);
	int (*resume)(struct pci_dev *pdev);
	const struct pci_error_handlers *err_handler;
	struct device_driver driver;
};
struct platform_device { struct device dev; };
struct platform_driver {
	int (*probe)(struct platform_device *pdev);
	int (*suspend)(struct platform_device *pdev, pm_message_t state);
	int (*resume)(struct platform_device *pdev);
	struct device_driver driver;
};
struct i2c_client { struct device dev; };
struct i2c_driver {
	int (*probe)(struct i2c_client *client);
	struct device_driver driver;
};
struct usb_interface { struct device dev; };
struct usb_driver {
	const char *name;
	int (*suspend)(struct usb_interface *intf, pm_message_t message);
	int (*resume)(struct usb_interface *intf);
	int (*reset_resume)(struct usb_interface *intf);
	struct device_driver driver;
};
struct usb_gadget;
struct usb_gadget_driver {
	char *function;
	void (*suspend)(struct usb_gadget *gadget);
	void (*resume)(struct usb_gadget *gadget);
	struct device_driver driver;
};
struct serio;
struct serio_driver {
	const char *description;
	int (*reconnect)(struct serio *serio);
	struct device_driver driver;
};
struct phy_device;
struct mdio_driver_common { struct device_driver driver; };
struct phy_driver {
	struct mdio_driver_common mdiodrv;
	u32 phy_id;
	const char *name;
	int (*suspend)(struct phy_device *phydev);
	int (*resume)(struct phy_device *phydev);
};

int __pci_register_driver(struct pci_driver *driver, struct module *owner, const char *name);
int __platform_driver_register(struct platform_driver *driver, struct module *owner);
int i2c_register_driver(struct module *owner, struct i2c_driver *driver);
int usb_register_driver(struct usb_driver *driver, struct module *owner, const char *name);
int phy_drivers_register(struct phy_driver *drivers, int count, struct module *owner);
int __serio_register_driver(struct serio_driver *driver, struct module *owner, const char *name);
#define THIS_MODULE ((struct module *)0)
#define pci_register_driver(driver) __pci_register_driver(driver, THIS_MODULE, KBUILD_MODNAME)
#define platform_driver_register(driver) __platform_driver_register(driver, THIS_MODULE)
#define usb_register(driver) usb_register_driver(driver, THIS_MODULE, KBUILD_MODNAME)
#define serio_register_driver(driver) __serio_register_driver(driver, THIS_MODULE, KBUILD_MODNAME)
#define module_driver(driver, register)     \
	int driver##_init(void)             \
	{                                   \
		return register(&(driver)); \
	}
#define module_pci_driver(driver) module_driver(driver, pci_register_driver)
#define module_platform_driver(driver) module_driver(driver, platform_driver_register)
#define module_usb_driver(driver) module_driver(driver, usb_register)
#define module_serio_driver(driver) module_driver(driver, serio_register_driver)
