// RUN: rm -rf %t && mkdir %t
// RUN: echo '[{"directory": "%t", "file": "%s", "arguments": ["clang", "-I%S/../include", "-include", "%S/../include/linux/kconfig.h", "-D__KERNEL__", "-c", "-o", "x.o", "%s"]}]' > %t/db.json
// RUN: $FGFT analyze --db %t/db.json --facts %t/facts --no-cache -j1 --json | FileCheck %s --check-prefix=COUNTS
// RUN: find %t/facts -name '*.facts' -exec grep -l fgft-header-facts.c {} + | xargs cat | FileCheck %s
// RUN: grep '"headers":"[0-9a-f]' %t/facts/manifest-*.jsonl
//
// Header facts: functions of shared headers, whatever conditions stand around the includes. A function with an
// error in it is left out, and one that two headers define; the others of the same headers stay.
#ifdef NEVER
#include <linux/inlines-first.h>
#endif
#ifdef NEVER
#include <linux/inlines-second.h>
#endif

static inline int own(void) { return 0; }

// COUNTS: "first_error": "{{.*}}inlines-first.h:{{.*}}not_declared_anywhere
// COUNTS: "functions": 2,
// COUNTS: "headers": 2,
// COUNTS: "left_out": 3,
// CHECK-NOT: count_missing
// CHECK: "function":"count_hit","file":"include/linux/inlines-first.h"{{.*}}"f":"elsewhere"{{.*}}"stores":[{"r":"counter","n":"hits"
// CHECK-NOT: "function":"which"
// CHECK: "function":"second_alone"
// CHECK-NOT: "function":"own"
