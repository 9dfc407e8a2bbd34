# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A thin front on CMake and setup.sh: `make help` says what there is. Everything is made below build/ and out/, the
# kernel's source and its configured build folders below the cache folder (setup.sh).
SHELL := /bin/sh
.SHELLFLAGS := -euc
MAKEFLAGS += --no-print-directory
.ONESHELL:
.DEFAULT_GOAL := help

PRESET ?= release
BUILD := build/$(PRESET)
JOBS ?= $(shell nproc)
# What `make survey` looks at: any folder of the kernel's source, e.g. make survey SCOPE=drivers/net/ethernet
SCOPE ?= drivers/watchdog
ARCH ?= x86_64
OUT ?= out/survey

# What one checkout compiled serves another: ccache sees paths relative to the tree.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

.PHONY: help packages build survey check check-long campaign guest bench tidy install clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22
	echo
	echo "  SCOPE=drivers/net ARCH=arm64 OUT=folder for survey; DRIVER=8139cp FAULT=cp_set_wol:null-deref for guest;"
	echo "  ALL=1 for tidy; PREFIX=/usr/local for install; PRESET=release|debug|sanitize and JOBS=n for all"

packages:
	@./setup.sh packages

$(BUILD)/build.ninja: CMakeLists.txt CMakePresets.json
	@echo "make: configuring $(BUILD)"
	mkdir -p $(BUILD)
	cmake --preset $(PRESET) >$(BUILD)/configure.log 2>&1 || { tail -n 30 $(BUILD)/configure.log >&2; exit 1; }

build: packages $(BUILD)/build.ninja ## build everything
	@cmake --build $(BUILD) -j $(JOBS)

# Only what a survey needs. Commands captured by this build from this kernel are taken again, and facts come from
# the cache: a second run has next to nothing to do.
survey: packages $(BUILD)/build.ninja ## survey SCOPE of Debian's kernel source; prints where the HTML report is
	@kernel=$$(./setup.sh config $(ARCH))
	cmake --build $(BUILD) -j $(JOBS) --target fgft fgft-cc
	mkdir -p $(OUT)
	commands=$(OUT)/compile_commands.json
	what="$(SCOPE) $$kernel"
	if [ "$$what" = "$$(cat $(OUT)/of 2>/dev/null)" ] && [ $$commands -nt $$kernel/fgft.stamp ] &&
	    [ $$commands -nt $(BUILD)/bin/fgft-cc ]; then
	    resume=--resume
	else
	    resume=; rm -rf $$commands $(OUT)/facts
	fi
	echo "make: surveying $(SCOPE) of $$kernel" >&2
	status=0
	$(BUILD)/bin/fgft survey --kernel $$kernel $(SCOPE:%=--scope %) -j $(JOBS) $$resume -o $(OUT) >$(OUT)/files || status=$$?
	[ $$status = 0 ] || [ $$status = 3 ] || exit $$status
	echo "$$what" >$(OUT)/of
	echo "report: $$(realpath "$$(grep 'index.html$$' $(OUT)/files)")"

# CTest's labels: `long` runs in check-long only, `guest` boots QEMU. A test that lacks something says SKIPPED.
check: build ## build and pass every test but the long ones; what CI runs
	@./setup.sh config x86_64 >/dev/null
	ctest --test-dir $(BUILD) -LE long -j $(JOBS) --output-on-failure --no-tests=error

check-long: build ## the long tests: the corpus over drivers/ and sound/, the full differential tests
	@./setup.sh config x86_64 >/dev/null
	./setup.sh config arm64 >/dev/null
	ctest --test-dir $(BUILD) -L long --output-on-failure --no-tests=error

campaign: build ## every fault at every site of a protected driver; writes out/campaign.csv
	@FGFT_BUILD=$(CURDIR)/$(BUILD) fgft-kmod/testbed/campaign $(if $(DRIVER),--driver $(DRIVER))

guest: build ## a shell in a guest with DRIVER, or with FAULT one recovery to look at
	@FGFT_BUILD=$(CURDIR)/$(BUILD) DRIVER="$(DRIVER)" FAULT="$(FAULT)" fgft-kmod/testbed/guest

bench: build ## what a survey costs beside other tools
	@FGFT_BUILD=$(CURDIR)/$(BUILD) tests/bench/run

# clang-format over all of our C++; clang-tidy over what differs from HEAD, with ALL=1 over all.
tidy: $(BUILD)/build.ninja ## clang-format and clang-tidy
	@git ls-files '*.cpp' '*.h' | grep -v -e '^fgft-kmod/runtime/' -e '^fgft-kmod/include/' -e '^tests/kmod-selftest/' \
	    -e '^tests/guest/' -e '^tests/checkers/' -e '^tests/isolator/' | xargs clang-format-22 --dry-run -Werror
	files=$$(if [ -n "$(ALL)" ]; then git ls-files '*.cpp'; else git diff --name-only --diff-filter=d HEAD -- '*.cpp'; fi)
	for file in $$files; do
	    ! grep -q "/$$file\"" $(BUILD)/compile_commands.json || echo $$file
	done | xargs -r -P $(JOBS) -n 4 clang-tidy-22 -p $(BUILD) --quiet --warnings-as-errors='*'

install: build ## install below PREFIX
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

clean: ## remove build/ and out/
	@rm -rf build out
