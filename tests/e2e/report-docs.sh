#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The documents lead somewhere: every relative link has a file, every path of the project that they name exists, and
# every file in the tour of docs/architecture.md is in its folder, and every kind of finding is explained.
#
#   report-docs.sh FOLDER [--tour]     --tour: also list sources that the tour leaves out (no failure)
set -eu
cd "$1"
failed=0
complain() { echo "report-docs: $*"; failed=1; }
documents="README.md CONTRIBUTING.md $(find docs -name '*.md' | sort)"

for document in $documents; do
    folder=$(dirname "$document")
    # [text](target), less anchors and addresses
    for target in $(grep -o ']([^)]*)' "$document" | sed 's/^](//; s/)$//; s/#.*//' | grep -v -e '://' -e '^$'); do
        [ -e "$folder/$target" ] || complain "$document links $target, which is not there"
    done
    # `folder/file` of one of the project's folders; a pattern must match something
    for path in $(grep -o '`[a-zA-Z][^` ]*`' "$document" | tr -d '`' |
        grep -E '^(analyzer|checkers|fgft-kmod|reports|corpus|tests|docs|LICENSES)/' | grep -v -e NAME -e Name | sort -u); do
        # shellcheck disable=SC2086 — patterns are wanted
        ls -d $path >/dev/null 2>&1 || ls -d "$path".* >/dev/null 2>&1 || complain "$document names $path, which is not there"
    done
done

# The tour: "### folder: title", then rows "| `file`, `file` | what |".
tour=$(awk '/^### [a-z]/ { folder = $2; sub(/[:,]$/, "", folder) }
            /^\| `/ { row = $0; sub(/^\| /, "", row); sub(/ \|.*/, "", row)
                      n = split(row, files, /, /)
                      for (i = 1; i <= n; i++) { gsub(/`/, "", files[i]); print folder "/" files[i] } }' docs/architecture.md)
for file in $tour; do
    # shellcheck disable=SC2086 — patterns are wanted
    ls -d $file >/dev/null 2>&1 || ls -d "$file".* >/dev/null 2>&1 || complain "docs/architecture.md: no $file"
done
# Kinds of findings that merge makes have their words in reports and semantics.
for kind in $(grep -h -A 1 -e 'addFinding(' -e 'findings.push_back' analyzer/merge/*.cpp |
    grep -o -E '"[a-z]+(-[a-z]+)+"' | tr -d '"' | sort -u); do
    grep -q "{\"$kind\"," reports/FindingKinds.cpp || complain "reports/FindingKinds.cpp has no words for $kind"
    grep -q "^| \`$kind\` |" docs/semantics.md || complain "docs/semantics.md does not explain $kind"
done

if [ "${2:-}" = --tour ]; then
    for source in $(find analyzer reports fgft-kmod -name '*.cpp' -o -name '*.c' -o -name '*.h' -o -name '*.S' | grep -v -e /command/ -e /compat/ | sort); do
        echo "$tour" | grep -qx -e "${source%.*}" -e "$source" || echo "report-docs: the tour leaves out $source"
    done
fi
[ "$failed" = 0 ] && echo "report-docs: $(echo "$documents" | wc -w) documents are good"
exit "$failed"
