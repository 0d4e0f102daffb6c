// A QEMU plugin that measures the longest time that a hart was in the kernel with interrupts off, in instructions,
// counted from the first instruction in user mode. interrupts_off.py compiles it.
//
//     -plugin interrupts_off.so,out=FILE,open=ADDRESS,...
//
// An interrupt can be taken in user mode, and after the kernel's instructions at the addresses `open`, which enable
// interrupts. The plugin counts a block's instructions when the hart enters it, so a block that a fault ends early
// counts as a whole.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

int qemu_plugin_version = API_VERSION;

enum { most_open = 64 };
// Program text lies below RAM. Code at RAM's physical addresses is the firmware, or the kernel before it has page
// tables.
static const uint64_t text = 0x10000, text_end = 0x80000000;

static uint64_t open_at[most_open];
static size_t open_count;
static const char* out;
static bool started;
static uint64_t now, longest;

struct block {
  uint64_t instructions;
  bool in_user_mode, opens;
};

static void entered(unsigned hart, void* data) {
  (void)hart;
  const struct block* block = data;
  started = started || block->in_user_mode;
  if (!started) return;
  now = block->in_user_mode ? 0 : now + block->instructions;
  if (now > longest) longest = now;
  if (block->opens) now = 0;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  struct block* block = calloc(1, sizeof *block);
  block->instructions = qemu_plugin_tb_n_insns(tb);
  uint64_t start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
  block->in_user_mode = text <= start && start < text_end;
  for (size_t n = 0; n < block->instructions; ++n) {
    uint64_t address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, n));
    for (size_t i = 0; i < open_count; ++i) block->opens = block->opens || open_at[i] == address;
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, entered, 0, block);
}

static void ended(qemu_plugin_id_t id, void* data) {
  (void)id, (void)data;
  FILE* file = fopen(out, "w");
  if (file == NULL) return;
  fprintf(file, "%" PRIu64 "\n", longest);
  fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc, char** argv) {
  (void)info;
  for (int n = 0; n < argc; ++n) {
    if (strncmp(argv[n], "out=", 4) == 0) out = strdup(argv[n] + 4);
    if (strncmp(argv[n], "open=", 5) == 0 && open_count < most_open)
      open_at[open_count++] = strtoull(argv[n] + 5, NULL, 16);
  }
  if (out == NULL || open_count == 0) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
