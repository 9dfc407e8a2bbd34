// A kernel call that calls the driver back (rule 6): the functions that the driver stored for it get stubs and join as clones.
// RUN: %protect set_value && %checked
// RUN: %protect set_other && FileCheck %s --check-prefix=NONE --input-file=%t.d/out.ll
#include "small.h"

struct mii_if_info {
  int phy_id;
  int (*mdio_read)(struct thing *thing, int id, int location);
};

int mii_nway_restart(struct mii_if_info *mii);
static struct mii_if_info info;

static int read_phy(struct thing *thing, int id, int location) {
  thing->other = location;
  return thing->words[location];
}

static int visit(struct thing *thing, int value) {
  thing->value = value;
  return 0;
}

static int set_value(struct thing *thing, int value) {
  thing->value = value;
  walk_all(visit, thing);
  return mii_nway_restart(&info);
}

static int set_other(struct thing *thing, int value) {
  thing->other = value;
  return 0;
}

struct thing_ops ops = {set_value, set_other};

int may_start(void);
int init_module(void) {
  info.mdio_read = read_phy;
  return may_start();
}

// The call-back's entry has the flag, and a stub like an entry point; its address is still its own.
// CHECK: @fgft.entries = internal global [2 x {{.*}}ptr @set_value.fgft.thunk{{.*}}, i32 1, i32 3, ptr @read_phy.fgft.thunk
// CHECK-LABEL: define {{.*}}@init_module(
// CHECK: store ptr @read_phy, ptr
// CHECK-LABEL: define internal {{.*}}@read_phy(
// CHECK: callbr
// A function given to a call that calls it back before it returns goes as the clone.
// CHECK-LABEL: define internal {{.*}}@set_value.fgft(
// CHECK: call {{.*}}@fgft_w_walk_all({{.*}}@visit.fgft
// CHECK: call {{.*}}@fgft_w_mii_nway_restart(
// CHECK-LABEL: define internal {{.*}}@read_phy.fgft(
// CHECK: call void @fgft_store4(

// NONE: @fgft.entries = internal global [2 x
