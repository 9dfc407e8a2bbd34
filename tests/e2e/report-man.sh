#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The manual pages: mandoc has nothing to say about them, and every command and every long option that fgft's --help
# shows is explained in its page.
#
#   report-man.sh MANDOC FOLDER [FGFT]
set -eu
mandoc=$1 pages=$2 fgft=${3:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
complain() { echo "report-man: $*"; failed=1; }

# mandoc looks for referenced pages in MANPATH, so that a reference to nothing is told.
mkdir "$scratch/man1"
cp "$pages"/*.1 "$scratch/man1"
PATH=$PATH:/usr/sbin
makewhatis "$scratch"
for page in "$pages"/*.1; do
    MANPATH=$scratch "$mandoc" -Tlint -Wstyle "$page" || failed=1
done

# In a page's text "--name" is written "Fl Fl name".
explains() { grep -q -e "Fl Fl $2\b" "$1"; }

check_options() { # PAGE COMMAND...
    page=$1
    shift
    for option in $("$@" --help | grep -o -e '--[a-z][a-z-]*' | sort -u); do
        explains "$page" "${option#--}" || complain "$(basename "$page") does not explain $option of \`$* --help\`"
    done
}

if [ -n "$fgft" ]; then
    check_options "$pages/fgft.1" "$fgft"
    commands=$("$fgft" --help | sed -n '/^Subcommands:/,$ s/^  \([a-z][a-z-]*\) .*/\1/p')
    [ -n "$commands" ] || complain "fgft --help shows no commands"
    for command in $commands; do
        page=$pages/fgft-$command.1
        if [ -f "$page" ]; then
            check_options "$page" "$fgft" "$command"
        else
            complain "there is no page fgft-$command.1"
        fi
        grep -q "^\.It Cm $command" "$pages/fgft.1" || complain "fgft.1 does not name $command"
    done
fi
[ "$failed" = 0 ] && echo "report-man: $(ls "$pages" | wc -l) pages are good"
exit "$failed"
