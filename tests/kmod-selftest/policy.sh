# SPDX-License-Identifier: GPL-2.0-only
# In the guest: policies for fgft_guest, and the runs of its tests.
dir=/sys/kernel/debug/fgft
run=/sys/module/fgft_guest/parameters/run
keys="when=always count=0 log_full=abort on_abort=fail context=direct log_bytes=0 loops=0 wall_ms=0"

head_of() { # DRIVER
	echo "driver $1"
	echo "module fgft_guest"
	echo "kernel $(sed -n 's/^kernel //p' $dir/counters)"
	echo "sources 0"
}

# Every entry point of both drivers; call-backs have no policy.
guest_policy() {
	echo "fgft-policy 1"
	for driver in guest other; do
		head_of $driver
		awk -v d=$driver -v k="$keys" '$1 == d && $2 != "mdio" && (d == "other" || $2 != "other") {
			print "entry", $2, "mode=transaction", k }' $dir/entries
	done
	echo "end $(awk '($1 == "guest" && $2 != "mdio" && $2 != "other") || $1 == "other"' $dir/entries | wc -l)"
}

protect() {
	mount -t debugfs none /sys/kernel/debug 2>/dev/null
	guest_policy >/tmp/policy && cat /tmp/policy >/dev/fgft && cat /dev/fgft
}

results() { dmesg | sed -n 's/.*fgft-test: //p'; }

run_all() {
	protect || return 1
	echo all >$run
	results >/tmp/results
	if diff /expected.log /tmp/results; then echo "results as expected"; else echo "other results"; fi
	grep -v ' 0$' $dir/counters
	rmmod fgft_guest && rmmod fgft && echo unloaded
	echo "taint $(cat /proc/sys/kernel/tainted)"
}

# refused WHAT PATTERN: the text on stdin must be refused with a message like PATTERN. A cut text is found at the
# close, whose error cat does not report: the message decides.
refused() {
	cat >/tmp/bad
	cat /tmp/bad >/dev/fgft 2>/dev/null
	if [ "$(cat /dev/fgft)" = ok ]; then echo "FAILED: $1 was taken"; return 1; fi
	grep -q "$2" /dev/fgft || { echo "FAILED: $1: $(cat /dev/fgft)"; return 1; }
	[ "$(awk '$3 == 1' $dir/entries | wc -l)" = "$entries" ] || { echo "FAILED: $1 changed something"; return 1; }
}

policy_errors() {
	entries=$(awk '$3 == 1' $dir/entries | wc -l)
	ok="entry ok mode=transaction $keys"
	{
		sed '$d' /tmp/policy | refused "a cut text" "without its .end. line" &&
		sed 's/^fgft-policy 1/fgft-policy 2/' /tmp/policy | refused "a version" "line 1: version 2" &&
		sed 's/^kernel .*/kernel 0123/' /tmp/policy | refused "a kernel" "line 4: kernel 0123" &&
		sed 's/^driver other/driver nobody/' /tmp/policy | refused "a driver" "no protected driver nobody" &&
		sed 's/^driver other/driver guest/' /tmp/policy | refused "a driver twice" "driver guest appears twice" &&
		sed 's/^entry null /entry nothing /' /tmp/policy | refused "an entry" "nothing was not built" &&
		sed 's/^entry null /entry mdio /' /tmp/policy | refused "a call-back" "mdio is a call-back" &&
		sed 's/^entry null /entry gp /' /tmp/policy | refused "an entry twice" "entry gp appears twice" &&
		sed 's/when=always/when=sometimes/' /tmp/policy | refused "a word" "when: unknown value sometimes" &&
		sed 's/count=0/count=-1/' /tmp/policy | refused "a number" "count: expected a number" &&
		sed 's/count=0/count=99999999999999999999999/' /tmp/policy | refused "a big number" "count: expected a number" &&
		sed 's/ wall_ms=0//' /tmp/policy | refused "a missing key" "not every key is given" &&
		sed 's/loops=0/loops=0 loops=0/' /tmp/policy | refused "a key twice" "loops appears twice" &&
		sed 's/loops=0/rounds=0/' /tmp/policy | refused "a key" "unknown key rounds" &&
		sed 's/^end .*/end 3/' /tmp/policy | refused "a count" "end says 3 entry lines" &&
		{ cat /tmp/policy; echo "entry x"; echo "end 1"; } | refused "a tail" "text behind the .end. line" &&
		{ sed '$d' /tmp/policy; head -c 300 /dev/zero | tr '\0' x; echo; echo "end 1"; } | refused "a long line" "longer than 256" &&
		{ echo "fgft-policy 1"; head_of guest; echo "$ok"; head -c 20 /dev/zero; echo; echo "end 1"; } |
			refused "a zero byte" "a zero byte" &&
		head -c 300000 /dev/urandom | refused "noise" "" &&
		cat /tmp/policy >/dev/fgft && [ "$(cat /dev/fgft)" = ok ] && echo "policy errors as expected"
	}
}

# counted WHAT POLICY PLAIN-VALUE CALLS…: under that policy for `ok`, what the calls added to its counters.
counted() {
	what=$1 policy=$2 value=$3
	shift 3
	sed "s/^\(entry ok mode=transaction\) when=always count=0/\1 $policy/" /tmp/policy >/dev/fgft || cat /dev/fgft
	echo "$value" >/sys/module/fgft_guest/parameters/plain_value
	before=$(awk '$1 == "guest" && $2 == "ok" { print $4, $5, $6 }' $dir/entries)
	echo "$*" >/sys/module/fgft_guest/parameters/call
	after=$(awk '$1 == "guest" && $2 == "ok" { print $4, $5, $6 }' $dir/entries)
	echo "$before $after" | awk -v what="$what" '{ print what ": calls", $4 - $1, "plain", $5 - $2, "commits", $6 - $3 }'
}

policy_when() {
	protect
	counted "first 3 of 5" "when=first-calls count=3" 42 ok 5 0
	counted "after 2 failures" "when=after-failures count=2" -5 ok 5 0
	counted "user" "when=unprivileged count=0" 42 ok 3 1000
	counted "root" "when=unprivileged count=0" 42 ok 3 0
	counted "never" "when=never count=0" 42 ok 3 0
}
