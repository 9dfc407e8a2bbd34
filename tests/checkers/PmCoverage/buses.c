// RUN: %clang_analyze %s
// RUN: %roads | FileCheck %s
// RUN: %survey | FileCheck %s --check-prefix=SURVEY
//
// What buses make of hooks: PCI calls its legacy hooks, usb interfaces theirs, a gadget's are bus events; recovery
// from a bus error is no resume; serio and phylib do system sleep themselves.
#include <linux/kernel-simulator.h>

static int pci_down(struct pci_dev *pdev, pm_message_t state) { return 0; }
static int pci_up(struct pci_dev *pdev) { return 0; }
static struct pci_driver legacy_driver = { .name = "legacy", .suspend = pci_down, .resume = pci_up };
module_pci_driver(legacy_driver)

static void recovered(struct pci_dev *pdev) {}
static const struct pci_error_handlers handlers = { .resume = recovered };
static struct pci_driver friend_driver = { .name = "friend", .err_handler = &handlers };
module_pci_driver(friend_driver)

static struct pci_driver half_driver = { // expected-warning {{half_driver has pci_down but no resume [suspend-without-resume]}}
	.name = "half",
	.suspend = pci_down,
};
module_pci_driver(half_driver)

static int usb_down(struct usb_interface *intf, pm_message_t message) { return 0; }
static int usb_up(struct usb_interface *intf) { return 0; }
static struct usb_driver usb_both = { .name = "both", .suspend = usb_down, .resume = usb_up, .reset_resume = usb_up };
module_usb_driver(usb_both)

static int again(struct serio *serio) { return 0; }
static struct serio_driver mouse_drv = { .description = "mouse", .driver = { .name = "mouse" }, .reconnect = again };
module_serio_driver(mouse_drv)

static int phy_down(struct phy_device *phydev) { return 0; }
static int phy_up(struct phy_device *phydev) { return 0; }
static struct phy_driver phys[] = {
	{ .phy_id = 1, .name = "hooks", .suspend = phy_down, .resume = phy_up },
	{ .phy_id = 2, .name = "bare" },
};
int phys_init(void) { return phy_drivers_register(phys, 2, THIS_MODULE); }

// CHECK: "status":"ok"
// SURVEY: friend_driver pci none
// SURVEY: half_driver pci suspend-only [legacy] pci_down/ (
// SURVEY: legacy_driver pci full [legacy] pci_down/pci_up
// SURVEY: mouse_drv serio core
// SURVEY: phys[0] phy full [legacy] phy_down/phy_up
// SURVEY: phys[1] phy core
// SURVEY: usb_both usb full [legacy] usb_down/usb_up
