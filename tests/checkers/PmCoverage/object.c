// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which object a facts file is of, where the analyzer's command line tells it: by the dependency file that Kbuild has the
// compiler write, by -o; else the one beside the source. Nothing is written to an object.
//
// RUN: rm -rf %t && mkdir -p %t/sub && cd %t
// RUN: %clang_analyze_facts -Xclang -analyzer-output=text -Wp,-MMD,sub/.made-there.o.d %s
// RUN: cat %t.plugin/*/*.facts | FileCheck %s --check-prefix=DEPENDENCIES
// RUN: rm -rf %t.plugin
// RUN: %clang_analyze_facts -Xclang -analyzer-output=text -o sub/here.o %s
// RUN: cat %t.plugin/*/*.facts | FileCheck %s --check-prefix=OUTPUT
// RUN: rm -rf %t.plugin
// RUN: %clang_analyze_facts -Xclang -analyzer-output=text -Wp,-MMD,sub/some.d %s
// RUN: cat %t.plugin/*/*.facts | FileCheck %s --check-prefix=BESIDE
// RUN: not ls sub/here.o

// DEPENDENCIES: "output":"sub/made-there.o"
// OUTPUT: "output":"sub/here.o"
// BESIDE: "output":"PmCoverage/object.o"
int none;
