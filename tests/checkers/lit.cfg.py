# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# lit configuration of the checkers' tests. CMake gives the paths by environment variables.
import os

import lit.formats

config.name = "checkers"
config.suffixes = [".c"]
config.test_format = lit.formats.ShTest(True)
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.environ["FGFT_LIT_OUT"]

llvm = os.environ["FGFT_LLVM_BIN"]
source = os.path.realpath(config.test_source_root)
config.environment["PATH"] = llvm + os.pathsep + os.environ["PATH"]
config.environment["FGFT"] = os.environ["FGFT"]
config.environment["FGFT_CACHE"] = os.path.join(config.test_exec_root, "cache")
config.environment["FGFT_MODEL"] = os.environ["FGFT_MODEL"]

# A command as Kbuild would write it; the tree's root is this folder (it holds include/linux/kconfig.h).
flags = " ".join([
    "-nostdinc", "-I" + source + "/include", "-include " + source + "/include/linux/kconfig.h",
    "-D__KERNEL__", "-std=gnu11", "-DKBUILD_MODNAME='\"%basename_t\"'",
])
plugin = "-fplugin=" + os.environ["FGFT_CHECKERS"]
checker = "-Xclang -analyzer-checker=fgft.PmCoverage"
analyze = "clang --analyze -o /dev/null " + plugin + " " + checker + " " + flags
config.substitutions.append(("%clang_analyze_facts", analyze + " -Xclang -analyzer-config -Xclang fgft.PmCoverage:Facts=%t.plugin"))
config.substitutions.append(("%clang_analyze", analyze + " -Xclang -verify"))
config.substitutions.append(("%clang_unverified", analyze))
for name, substitution in (("EntryPoints", "entry_points"), ("Effects", "effects"), ("IrrevocableIo", "irrevocable_io")):
    run = analyze.replace("fgft.PmCoverage", "fgft." + name)
    config.substitutions.append(("%clang_" + substitution + "_unverified", run))
    config.substitutions.append(("%clang_" + substitution, run + " -Xclang -verify"))
# %roads: the TU's facts by the plugin and by `fgft analyze` are the same; prints them.
config.substitutions.append(("%roads", "rm -rf %t.plugin && " + analyze + " -Xclang -analyzer-config -Xclang fgft.PmCoverage:Facts=%t.plugin %s && sh " + source + "/roads.sh %s %t -- clang " + flags))
# %survey: merges what %roads left, and prints drivers.csv.
config.substitutions.append(("%survey", "sh " + source + "/survey.sh %t"))
config.recursiveExpansionLimit = 4
