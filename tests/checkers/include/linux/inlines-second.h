/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#pragma once
/* No TU sees both of the same name; which of them one means, header facts cannot tell. */
static inline int which(void)
{
	return 2;
}
static inline int second_alone(void)
{
	return which();
}
