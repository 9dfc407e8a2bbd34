# SPDX-License-Identifier: GPL-2.0-only
# In the guest: protects every entry point of fgft_guest. Usage: . policy.sh; guest_policy | tee /dev/fgft
guest_policy() {
	dir=/sys/kernel/debug/fgft
	echo "fgft-policy 1"
	for driver in guest other; do
		echo "driver $driver"
		echo "module fgft_guest"
		echo "kernel $(sed -n 's/^kernel //p' $dir/counters)"
		echo "sources 0"
		awk -v d=$driver '$1 == d && $2 != "mdio" && (d == "other" || $2 != "other") { print "entry", $2, \
			"mode=transaction when=always count=0 log_full=abort on_abort=fail context=direct log_bytes=0 loops=0 wall_ms=0" }' $dir/entries
	done
	echo "end $(awk '($1 == "guest" && $2 != "mdio" && $2 != "other") || $1 == "other"' $dir/entries | wc -l)"
}
