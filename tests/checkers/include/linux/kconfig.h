/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What Kbuild gives every file with -include; its place tells the tools where the source tree begins.
 */
#ifndef NO_PM
#define CONFIG_PM 1
#define CONFIG_PM_SLEEP 1
#endif
