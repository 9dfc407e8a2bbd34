// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the tests' small drivers need of a kernel.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

#define noinline __attribute__((noinline))
#define used __attribute__((used))

struct device {
  int power;
};

struct lock {
  int taken;
};

struct thing {
  int value;
  int other;
  struct lock lock;
  unsigned wide : 3;
  unsigned narrow : 2;
  struct device *parent;
  struct device own;
  u8 *regs;
  u32 length;
  u32 words[];
};

struct thing_ops {
  int (*set_value)(struct thing *thing, int value);
  int (*set_other)(struct thing *thing, int value);
  int (*spare)(int value);
};

void take_lock(struct lock *lock);
void take_lock_nested(struct lock *lock);
void drop_lock(struct lock *lock);
void *get_memory(u64 size);
void fill_words(u32 *words, u64 size);
void never_undone(int how);
void nobody_knows(int how);
int walk_all(int (*visit)(struct thing *thing, int value), void *data);

// The module's two functions, as module_init and module_exit make them.
#define DRIVER_MODULE                                                                                                  \
  extern int may_start(void);                                                                                          \
  extern void has_stopped(void);                                                                                       \
  static int small_init(void) { return may_start(); }                                                                  \
  static void small_exit(void) { has_stopped(); }                                                                      \
  int init_module(void) __attribute__((alias("small_init")));                                                          \
  void cleanup_module(void) __attribute__((alias("small_exit")));
