// A QEMU plugin: the instructions that the kernel executes for a call, from the program's ecall until it is back behind
// it: once, or twice from a fork, in parent and child. The kernel cannot change this count. cost.py compiles it.
//
//     -plugin instructions.so,out=FILE,call=ADDRESS,back=ADDRESS,returns=NUMBER
//
// FILE has a line for each call that has come back so often. Only addresses of the upper half are counted: neither the
// program nor the firmware. Counts blocks as they are entered: one that a fault ends early counts as a whole.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../machine/qemu_plugin.h"

int qemu_plugin_version = API_VERSION;

static uint64_t call_at, back_at, counted;
static int returns, to_come;
static const char* out;

struct block {
  uint64_t in_kernel;
  bool calls, comes_back;
};

static void entered(unsigned hart, void* data) {
  (void)hart;
  const struct block* block = data;
  counted += block->in_kernel;
  if (block->comes_back && to_come > 0 && --to_come == 0) {
    FILE* file = fopen(out, "a");
    if (file == NULL) return;
    fprintf(file, "%" PRIu64 "\n", counted);
    fclose(file);
  }
  if (block->calls) to_come = returns, counted = 0;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  struct block* block = calloc(1, sizeof *block);
  for (size_t n = 0; n < qemu_plugin_tb_n_insns(tb); ++n) {
    uint64_t address = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, n));
    block->in_kernel += address >> 63;
    block->calls = block->calls || address == call_at;
    block->comes_back = block->comes_back || address == back_at;
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, entered, 0, block);
}

int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc, char** argv) {
  (void)info;
  for (int n = 0; n < argc; ++n) {
    if (strncmp(argv[n], "out=", 4) == 0) out = strdup(argv[n] + 4);
    if (strncmp(argv[n], "call=", 5) == 0) call_at = strtoull(argv[n] + 5, NULL, 16);
    if (strncmp(argv[n], "back=", 5) == 0) back_at = strtoull(argv[n] + 5, NULL, 16);
    if (strncmp(argv[n], "returns=", 8) == 0) returns = atoi(argv[n] + 8);
  }
  if (out == NULL || call_at == 0 || back_at == 0 || returns == 0) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
