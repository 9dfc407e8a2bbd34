// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The question of a PM survey, as far as a semantic patch can ask it of one file: which driver registrations are there,
// and which suspend and resume code does each name? Marks the registrations' members and the PM tables' definitions.
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
declarer name SIMPLE_DEV_PM_OPS, DEFINE_SIMPLE_DEV_PM_OPS, UNIVERSAL_DEV_PM_OPS, DEFINE_RUNTIME_DEV_PM_OPS;
identifier name;
expression list hooks;
@@
(
*SIMPLE_DEV_PM_OPS(name, hooks);
|
*DEFINE_SIMPLE_DEV_PM_OPS(name, hooks);
|
*UNIVERSAL_DEV_PM_OPS(name, hooks);
|
*DEFINE_RUNTIME_DEV_PM_OPS(name, hooks);
)
