# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What a scenario's RUN lines (and the hand on the guest's shell) can call.

guest_help() {
    cat <<'END'
load [--stock] NAME [PARAMETER=VALUE]…   insmod with all it depends on; --stock takes the distribution's file
unload NAME…                             rmmod, in the order given
net_up [DEVICE]                          brings the (first) Ethernet device up as 10.0.2.15/24
net_device                               prints the first Ethernet device's name
check_ping                               one echo request to 10.0.2.2 must be answered, within 5 tries
expect_fail COMMAND…                     succeeds when the command fails
protect DRIVER                           loads fgft and the protected driver, and applies its policy
watch_guest DEVICE DRIVER                loads the module that checks memory and registers from outside
faults KIND FUNCTION                     the fault sites of that kind in FUNCTION and below, where it alone reaches them
say TEXT                                 to the result and to the kernel log
record KEY=VALUE…                        one structured result
now_ns                                   nanoseconds since boot
END
}

say() { echo "$*"; echo "fgft-guest: $*" >/dev/kmsg; }
fail() { say "FAIL: $*"; exit 1; }
record() { echo "@record $*"; }
expect_fail() { ! "$@"; }

# /proc/uptime is too coarse; the first line of timer_list is the clock that ktime_get() reads.
now_ns() { sed -n 's/^now at \([0-9]*\) nsecs$/\1/p;/^now at/q' /proc/timer_list; }

module_name() { echo "$1" | tr - _; }

insert() { # KIND NAME PARAMETERS…
    kind=$1 name=$2
    shift 2
    [ -d "/sys/module/$name" ] && [ -e "/sys/module/$name/initstate" ] && return 0
    file=/m/$kind/$name.ko
    [ -e "$file" ] || file=/m/stock/$name.ko
    [ -e "$file" ] || { say "load: $name: not in this guest"; return 1; }
    insmod "$file" "$@"
}

load() {
    from=own
    [ "$1" = --stock ] && { from=stock; shift; }
    module=$(module_name "$1")
    shift
    if [ $from = stock ]; then
        needs=$(sed -n "s/^$module: *//p" /m/deps | tail -n 1)
    else
        needs=$(sed -n "s/^$module: *//p" /m/deps | head -n 1)
    fi
    if [ ! -e "/m/own/$module.ko" ] && [ ! -e "/m/stock/$module.ko" ] && [ -d "/sys/module/$module" ]; then
        return 0 # built in to the kernel
    fi
    for need in $needs; do
        [ -d "/sys/module/$need" ] || (load "$need") || return 1
    done
    insert $from "$module" "$@"
}

unload() { for module in "$@"; do rmmod "$module" || return 1; done; }

net_device() {
    for entry in /sys/class/net/*; do
        [ -e "$entry/device" ] && { echo "${entry##*/}"; return 0; }
    done
    return 1
}

net_up() {
    device=${1:-$(net_device)} || { say "net_up: no Ethernet device"; return 1; }
    ip link set "$device" up && ip addr add 10.0.2.15/24 dev "$device" 2>/dev/null
    ip link show "$device" | grep -q -w UP
}

check_ping() {
    for try in 1 2 3 4 5; do
        ping -c 1 -W 2 10.0.2.2 >/dev/null 2>&1 && { echo "ping ok"; return 0; }
    done
    say "ping failed"
    return 1
}

# Writes a policy as a whole; fgft.ko says what it did not like.
policy() {
    cat "$1" >/dev/fgft 2>/dev/null
    answer=$(head -n 1 /dev/fgft)
    [ "$answer" = ok ] || { say "policy: $answer"; return 1; }
}

protect() {
    load fgft || return 1
    [ -c /dev/fgft ] || { say "protect: fgft.ko made no /dev/fgft"; return 1; }
    load "$1" && policy "/policy/$1"
}

watch_guest() {
    load fgft_guest || return 1
    echo "device $1" >/sys/kernel/debug/fgft_guest/control || return 1
    while read -r line; do
        echo "$line" >/sys/kernel/debug/fgft_guest/control || { say "watch_guest: $line"; return 1; }
    done <"/registers/$2"
}

# Columns of the table: driver id entry function file:line kinds …
faults() {
    awk -v kind="$1" -v entry="$2" \
        '($3 == entry || ($3 == "-" && $4 == entry)) && ("," $6 ",") ~ ("," kind ",") { print $2 }' /sys/kernel/debug/fgft/sites
}

arm() { echo "$*" >/sys/kernel/debug/fgft/arm; }
counter() { sed -n "s/^$1 //p" /sys/kernel/debug/fgft/counters; }
# A column of an entry point's row, by the name in the table's head.
entry_column() { # FUNCTION COLUMN
    awk -v entry="$1" -v column="$2" \
        'NR == 1 { for (i = 2; i <= NF; i++) if ($i == column) at = i - 1 } $2 == entry { print $at }' \
        /sys/kernel/debug/fgft/entries
}

# COUNT calls of every entry point that poke knows; none may fail.
soak() {
    for call in $(poke "$(net_device)" list); do
        poke "$(net_device)" "$call" "$1" || return 1
    done
}

# No transaction was aborted (those of fgft.ko's own self test are none of an entry point), and fgft.ko still trusts itself.
no_aborts() {
    bad=$(awk 'NR == 1 { for (i = 2; i <= NF; i++) at[$i] = i - 1; next }
        $at["aborts"] > 0 { print $at["entry"], $at["aborts"], "last", $at["last_cause"], $at["last_where"] }' /sys/kernel/debug/fgft/entries)
    [ -z "$bad" ] || { say "aborted: $bad"; return 1; }
    [ "$(counter broken)" = 0 ] && [ "$(counter armed)" = 1 ] || { say "fgft switched itself off"; return 1; }
}

# Objects in use, by slab cache; two such lists tell of a leak.
slabs() { awk 'NR > 2 { print $1, $2 }' /proc/slabinfo; }
