#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# corpus-compare itself on small tables: every outcome is told from the others, every threshold can break.
#
# Usage: self.sh CORPUS_COMPARE
set -eu
compare=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

labels() { { echo stratum,struct,driver,file,class_dir,class,bus,pm,suspend_fn,resume_fn,how,built,reason; cat; } >"$work/l.csv"; }
survey() {
    {
        echo class,class_dir,bus,module,driver,name,file,line,configs,registration,pm,pm_phases,pm_how,pm_style,suspend_fn,resume_fn,entry_points,candidates,reason
        cat
    } >"$work/s.csv"
}
# expect STATUS REGEX [options]: the program ends with STATUS and prints a line that fits REGEX
expect() {
    status=$1 regex=$2
    shift 2
    got=0
    "$compare" --labels "$work/l.csv" --survey "$work/s.csv" "$@" >"$work/out" 2>&1 || got=$?
    if [ "$got" != "$status" ] || ! grep -qE "$regex" "$work/out"; then
        echo "FAILED: wanted status $status and /$regex/, got status $got and:"
        cat "$work/out"
        failed=1
    fi
}

survey <<'END'
net,net,pci,m,a,a,f.c,1,x86_64,,full,,,,s,r,,,because
net,net,phy,m,t[0],t0,f.c,1,x86_64,,core,,,,,,,,because
net,net,phy,m,t[1],t1,f.c,1,x86_64,,full,,,,,,,,because
misc,misc,i2c,m,u,u,g.c,1,x86_64,,unknown,,,,,,,,"cannot tell, sorry"
net,net,none,m,,,h.c,0,x86_64,,none,,,,,,,,because
END
labels <<'END'
s,x,a,f.c,net,net,pci,full core,s,r,,both,x
s,x,t[0],f.c,net,phy net,phy,none core,,,,x86,x
s,x,-,h.c,net,-,none,none,,,,both,x
s,x,gone,f.c,net,net,pci,full,,,,no,x
s,x,other,f.c,net,net,pci,full,,,,arm64,x
END
expect 0 '^compared 3, skipped 2'
expect 0 'pm: right 3 \(100'
expect 1 'missing 1' --config arm64 --config x86_64 # `other` is built for arm64
expect 1 'FAILED: at least 4 labels' --min-compared 4

echo 's,x,t,f.c,net,net,phy,core,,,,both,x' | labels # the worst element of an array answers
expect 1 'wrong 1 \(of them 1 a false full\)'
expect 1 'FAILED: at most 0 false full' --min-right 0
expect 0 'false full' --min-right 0 --max-wrong-full 1

echo 's,x,u,g.c,misc,-,i2c,none,,,,both,x' | labels
expect 1 'UNKNOWN: g.c u'
expect 1 'FAILED: under 3 % unknown' --min-right 0
expect 0 'unknown 1' --min-right 0 --max-unknown 101
expect 1 'compared 0' --scope drivers

echo 's,x,gone,f.c,net,net,pci,full,,,,x86,x' | labels
expect 1 'MISSING: f.c gone'
echo 's,x,a,f.c,net,gpu,usb,full,other,r,,x86,x' | labels
expect 0 'bus differs 1, class differs 1, functions differ 1'
echo 's,x,a,f.c,net,gpu,usb,perhaps,,,,x86,x' | labels
expect 2 "l.csv:2: 'perhaps' is no pm word"
echo 's,x,a,f.c,net,gpu,usb,full,,,,sometimes,x' | labels
expect 2 "built is 'sometimes'"
echo 's,x,a' | labels
expect 2 'l.csv'
[ $failed = 0 ] && echo "corpus-compare tells every outcome"
exit $failed
