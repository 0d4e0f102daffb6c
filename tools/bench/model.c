// A QEMU plugin that models the time of one hart in cycles: caches, TLBs, page-table walks and fences have a price, as
// they have on a real core and have not in QEMU. bench_model.py compiles it.
//
//     -plugin model.so[,price=0,...]     a price by its name, instead of the table's
//
// The program asks for the number of cycles by an instruction that does nothing (MODELLED_CYCLES in user/raw_call.h).
// The plugin puts the number into the memory behind that instruction.
//
// It is a model, and a plain one. It has no branch prediction, no prefetch, no traffic of written lines, no second
// issue slot. A block's instructions count when the hart enters it, so a block that a fault ends early counts as a
// whole.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

int qemu_plugin_version = API_VERSION;

// The machine is SiFive's FU740 (HiFive Unmatched). Sizes: its device tree in Linux (fu740-c000.dtsi), and for the
// second TLB the manual of its core, the U74. SiFive publishes no prices of misses: those are assumed, and of the usual
// size.
// clang-format off
enum {
  line_bits = 6,                      // 64 bytes                                     device tree
  l1i_sets = 128, l1i_ways = 4,       // 32 KiB                                       device tree
  l1d_sets = 64,  l1d_ways = 8,       // 32 KiB                                       device tree
  l2_sets = 2048, l2_ways = 16,       // 2 MiB, for code and data                     device tree
  tlb_entries = 40,                   // one for code, one for data, each whole       device tree
  tlb2_entries = 512,                 // for both, one place for each page            manual
};
static struct price { const char* name; uint64_t cycles; } prices[] = {
  {"instruction", 1},                 // one in each cycle
  {"l2", 12},                         // a line from L2                               assumed
  {"memory", 120},                    // a line from memory: 100 ns at 1.2 GHz        assumed
  {"tlb2", 4},                        // an entry from the second TLB                 assumed
  {"walk", 36},                       // three levels, each an entry from L2          assumed
  {"fence", 8},                       // the pipeline empties: its eight stages       manual
};
enum priced { instruction, l2, memory, tlb2, walk, fence };
// clang-format on

static uint64_t cycles;

static void pay(enum priced what) { cycles += prices[what].cycles; }

// --- sets of keys, each set in the order of its last use

struct cache {
  uint64_t* keys;  // of all sets; 0: empty
  unsigned sets, ways;
};

static struct cache make_cache(unsigned sets, unsigned ways) {
  return (struct cache){calloc((size_t)sets * ways, sizeof(uint64_t)), sets, ways};
}

static void empty(struct cache* cache) { memset(cache->keys, 0, (size_t)cache->sets * cache->ways * sizeof(uint64_t)); }

// Whether the key was there. From now on it is, as the last used of its set.
static bool look_up(struct cache* cache, uint64_t set, uint64_t key) {
  uint64_t* keys = cache->keys + set % cache->sets * cache->ways;
  unsigned at = 0;
  while (at < cache->ways - 1 && keys[at] != key) ++at;
  const bool found = keys[at] == key;
  memmove(keys + 1, keys, at * sizeof *keys);
  keys[0] = key;
  return found;
}

static struct cache l1i, l1d, second, tlb_code, tlb_data, tlb_second;

static void access_line(struct cache* first, uint64_t line) {
  if (look_up(first, line, line)) return;
  pay(look_up(&second, line, line) ? l2 : memory);
}

// --- translation

// The key of a TLB's entry. The plugin cannot see address spaces: an entry of another one differs by its frame. In the
// kernel's half 2 MiB whose frames lie in a row count as one large page.
static uint64_t entry_of(uint64_t va, uint64_t pa) {
  const uint64_t page = va >> 63 ? va >> 21 : va >> 12;
  const uint64_t frame = va >> 63 ? (va - pa) >> 12 : pa >> 12;
  return (page * 0x9e3779b97f4a7c15 ^ frame * 0xc2b2ae3d27d4eb4f) | 1;
}

static void translate(struct cache* tlb, uint64_t va, uint64_t pa) {
  if (va == pa) return;  // the firmware, or a kernel before it has tables
  const uint64_t entry = entry_of(va, pa);
  if (look_up(tlb, 0, entry)) return;
  pay(look_up(&tlb_second, va >> (va >> 63 ? 21 : 12), entry) ? tlb2 : walk);
}

// --- what the hart does

// Memory's place in QEMU, by which an instruction's physical address is found.
static uint64_t ram_at;
static const uint64_t ram_start = 0x80000000;

struct fetch {
  uint64_t va, pa;
};
struct block {
  uint64_t instructions;
  size_t lines;
  struct fetch line[];
};

static void entered(unsigned hart, void* data) {
  (void)hart;
  const struct block* block = data;
  cycles += block->instructions * prices[instruction].cycles;
  for (size_t n = 0; n < block->lines; ++n) {
    const struct fetch at = block->line[n];
    translate(&tlb_code, at.va, at.pa);
    access_line(&l1i, at.pa >> line_bits);
  }
}

static void accessed(unsigned hart, qemu_plugin_meminfo_t info, uint64_t va, void* data) {
  (void)hart, (void)data;
  struct qemu_plugin_hwaddr* place = qemu_plugin_get_hwaddr(info, va);
  if (place == NULL || qemu_plugin_hwaddr_is_io(place)) return;
  const uint64_t pa = qemu_plugin_hwaddr_phys_addr(place);
  translate(&tlb_data, va, pa);
  access_line(&l1d, pa >> line_bits);
}

static void fenced(unsigned hart, void* data) { (void)hart, (void)data, pay(fence); }

static void fenced_code(unsigned hart, void* data) {
  fenced(hart, data);
  empty(&l1i);
}

// Those of every address space, because the plugin does not see which one it is.
static void fenced_translations(unsigned hart, void* data) {
  fenced(hart, data);
  empty(&tlb_code);
  empty(&tlb_data);
  empty(&tlb_second);
}

// The plugin cannot see which page it is. The page is used next, as a rule, so its walk is paid here.
static void fenced_page(unsigned hart, void* data) {
  fenced(hart, data);
  pay(walk);
}

static void asked(unsigned hart, void* word) {
  (void)hart;
  memcpy(word, &cycles, sizeof cycles);
}

// --- translated code

// Read from memory, because the function for it has changed with QEMU's versions. 0 where there is no memory.
static uint32_t bits_of(const struct qemu_plugin_insn* insn) {
  uint32_t bits = 0;
  const void* code = qemu_plugin_insn_haddr(insn);
  if (code != NULL) memcpy(&bits, code, qemu_plugin_insn_size(insn));
  return bits;
}

static void watch(struct qemu_plugin_insn* insn) {
  enum { fences = 0x0f, fence_i = 0x100f, csrw_satp = 0x18001073, sfence_vma = 0x12000073, mark = 0xc1c1e037 };
  const uint32_t bits = bits_of(insn);
  void (*run)(unsigned, void*) = NULL;
  void* data = NULL;
  if ((bits & 0xfe007fff) == sfence_vma) run = (bits >> 15 & 31) != 0 ? fenced_page : fenced_translations;
  if ((bits & 0x707f) == fences || (bits & 0xfff0707f) == csrw_satp) run = fenced;
  if ((bits & 0x707f) == fence_i) run = fenced_code;
  if (bits == mark) run = asked, data = (char*)qemu_plugin_insn_haddr(insn) + 16;
  if (run != NULL) qemu_plugin_register_vcpu_insn_exec_cb(insn, run, 0, data);
  qemu_plugin_register_vcpu_mem_cb(insn, accessed, 0, 3, NULL);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(tb);
  struct block* block = calloc(1, sizeof *block + count * sizeof block->line[0]);
  block->instructions = count;
  for (size_t n = 0; n < count; ++n) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, n);
    const uint64_t va = qemu_plugin_insn_vaddr(insn), host = (uint64_t)qemu_plugin_insn_haddr(insn);
    if (va == ram_start && ram_at == 0) ram_at = host;  // the firmware's first instruction
    const uint64_t pa = ram_at == 0 ? va : host - ram_at + ram_start;
    if (block->lines == 0 || (block->line[block->lines - 1].pa ^ pa) >> line_bits != 0)
      block->line[block->lines++] = (struct fetch){va, pa};
    watch(insn);
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, entered, 0, block);
}

// "name=cycles"
static bool set_price(const char* text) {
  const size_t length = strcspn(text, "=");
  for (size_t n = 0; n < sizeof prices / sizeof *prices; ++n) {
    if (strncmp(prices[n].name, text, length) != 0 || prices[n].name[length] != 0 || text[length] == 0) continue;
    prices[n].cycles = strtoull(text + length + 1, NULL, 10);
    return true;
  }
  return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc, char** argv) {
  (void)info;
  for (int n = 0; n < argc; ++n) {
    if (set_price(argv[n])) continue;
    fprintf(stderr, "model: no price by this name, or no number: %s\n", argv[n]);
    return 1;
  }
  l1i = make_cache(l1i_sets, l1i_ways);
  l1d = make_cache(l1d_sets, l1d_ways);
  second = make_cache(l2_sets, l2_ways);
  tlb_code = make_cache(1, tlb_entries);
  tlb_data = make_cache(1, tlb_entries);
  tlb_second = make_cache(tlb2_entries, 1);
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
