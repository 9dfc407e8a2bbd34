#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Makes README's picture from a real report:
#
#   docs/img/picture.sh OUT        OUT: the output folder of a survey; writes docs/img/report.png
#
# Takes Chromium (apt-get install chromium), which nothing else of the project needs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
page=$(realpath "${1:?usage: docs/img/picture.sh OUT}/html/index.html")
browser=$(command -v chromium || command -v chromium-browser) || {
    echo "picture: chromium is not installed; as root run: apt-get install chromium" >&2
    exit 1
}
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
# --no-sandbox: its sandbox refuses to run as root; the page is ours.
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" \
    --window-size=1280,1000 --screenshot="$here/report.png" "file://$page" >"$profile/log" 2>&1 ||
    { cat "$profile/log" >&2; exit 1; }
echo "$here/report.png"
