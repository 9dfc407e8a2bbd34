// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The question of a PM survey, as far as a semantic patch can ask it of one file: which driver registrations are there,
// and which suspend and resume code does each name? Marks the registrations, by initialiser and by call, their members,
// the PM tables' definitions, by member and by macro, and what is assigned at run time.
// `spatch --no-includes`: what the macros stand for and what other files define is not seen.

@driver@
identifier bus =~ "_driver$";
identifier name;
@@
*struct bus name = { ... };

@table@
identifier bus, name;
expression operations;
@@
 struct bus name = { ...,
   .driver = { ...,
*    .pm = operations,
   ... },
 ... };

@direct@
identifier bus, name;
expression operations;
@@
 struct bus name = { ...,
*  .driver.pm = operations,
 ... };

@legacy@
identifier bus =~ "_driver$";
identifier hook =~ "^(suspend|resume)$";
identifier name, function;
@@
 struct bus name = { ...,
*  .hook = function,
 ... };

@members@
identifier hook =~ "^(suspend|resume|freeze|thaw|poweroff|restore)";
identifier name, function;
@@
 struct dev_pm_ops name = { ...,
*  .hook = function,
 ... };

@macros@
declarer name SIMPLE_DEV_PM_OPS, DEFINE_SIMPLE_DEV_PM_OPS, DEFINE_NOIRQ_DEV_PM_OPS, UNIVERSAL_DEV_PM_OPS;
declarer name DEFINE_RUNTIME_DEV_PM_OPS, EXPORT_SIMPLE_DEV_PM_OPS, EXPORT_GPL_SIMPLE_DEV_PM_OPS;
declarer name EXPORT_RUNTIME_DEV_PM_OPS, EXPORT_GPL_RUNTIME_DEV_PM_OPS;
identifier name;
expression list hooks;
@@
(
*SIMPLE_DEV_PM_OPS(name, hooks);
|
*DEFINE_SIMPLE_DEV_PM_OPS(name, hooks);
|
*DEFINE_NOIRQ_DEV_PM_OPS(name, hooks);
|
*UNIVERSAL_DEV_PM_OPS(name, hooks);
|
*DEFINE_RUNTIME_DEV_PM_OPS(name, hooks);
|
*EXPORT_SIMPLE_DEV_PM_OPS(name, hooks);
|
*EXPORT_GPL_SIMPLE_DEV_PM_OPS(name, hooks);
|
*EXPORT_RUNTIME_DEV_PM_OPS(name, hooks);
|
*EXPORT_GPL_RUNTIME_DEV_PM_OPS(name, hooks);
)

@assigned@
expression device, operations;
@@
(
*device.driver.pm = operations;
|
*device->driver.pm = operations;
|
*device->driver->pm = operations;
)

@hooked@
expression object;
identifier hook =~ "^(suspend|resume)$";
expression function;
@@
(
*object.hook = function;
|
*object->hook = function;
)

@registered@
identifier call =~ "register_driver$|_driver_register$|^platform_driver_probe$|^usb_register$|^i2c_add_driver$";
expression list arguments;
@@
*call(arguments)
