# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# lit configuration of the isolator's tests. CMake gives the paths by environment variables.
import os

import lit.formats

config.name = "isolator"
config.suffixes = [".c", ".ll", ".test"]
config.excludes = ["Inputs"]
config.test_format = lit.formats.ShTest(True)
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.environ["FGFT_LIT_OUT"]

llvm = os.environ["FGFT_LLVM_BIN"]
plugin = os.environ["FGFT_ISOLATOR"]
top = os.path.realpath(os.path.join(config.test_source_root, "..", ".."))
inputs = os.path.join(config.test_source_root, "Inputs")

config.environment["PATH"] = llvm + os.pathsep + os.environ["PATH"]
config.environment["FGFT_WRAPPERS"] = os.path.join(top, "fgft-kmod/include/wrappers.csv") + ":" + inputs + "/wrappers.csv"
config.environment["FGFT_TABLES"] = os.path.join(top, "fgft-kmod/isolator")
config.environment["FGFT_CONFIG_TOOL"] = os.environ["FGFT_CONFIG_TOOL"]

# The flags of the kernel that change what the isolator sees.
flags = "-O2 -g -std=gnu11 -ffreestanding -fno-pic -mcmodel=kernel -mno-sse -fno-strict-aliasing -w -I" + inputs
clang = "clang " + flags + " -fpass-plugin=" + plugin
protect = "sh " + inputs + "/protect.sh %t.d %s " + clang
# %protect ENTRIES: this source as IR in %t.d/out.ll; %object ENTRIES: as an object in %t.d/out.o
config.substitutions.append(("%protect", protect + " -S -emit-llvm -o out.ll --"))
config.substitutions.append(("%object", protect + " -c -o out.o --"))
config.substitutions.append(("%clang", clang + " -S -emit-llvm"))
config.substitutions.append(("%assembly", clang + " -S"))
config.substitutions.append(("%opt", "opt -S -load-pass-plugin=" + plugin))
# %checked: FileCheck of this source over the IR; %messages: over the error output in %t.d.err
config.substitutions.append(("%checked", "FileCheck %s --input-file=%t.d/out.ll"))
config.substitutions.append(("%messages", "FileCheck %s --input-file=%t.err"))
# lit replaces in order; the ones above still hold %s and %t.
config.recursiveExpansionLimit = 3
