# ox: the verbs. `make help` lists them.

TOOLPREFIX ?= riscv64-linux-gnu-
QEMU       ?= qemu-system-riscv64
GDB        ?= gdb-multiarch
CPUS       ?= 2
MEM        ?= 128M
# The program that /init runs (a name in /bin, or a path, and its arguments), the way fork() works (eager, cow,
# on_demand; empty: the kernel's default), and more words for the kernel's command line (trace, stats, debug, record).
PROG       ?= sh
FORK       ?=
APPEND     ?=
# A folder whose files are added to the machine's, and USERLAND=debian: Debian's own busybox and bash.
ROOTFS     ?=
USERLAND   ?=
# Of `make grade`: which lab, where there are several (a student's repository has one); only the tests with these words.
LAB        ?=
TEST       ?=
# DEBUG=1: a kernel that also checks the order of its locks. WERROR=1: warnings are errors, as in `make test`.
DEBUG      ?=
WERROR     ?=
# Of `make bench`: only a process of so many pages.
PAGES      ?=
# How the kernel is optimized. With gdb it is -Og, in a folder of its own: there variables can be looked at.
OPTIMIZE   ?= -O2
# V=1 shows the commands.
V          ?=

export TOOLPREFIX QEMU GDB

# All processors, unless -j is given by hand. A make that another one started gets its share from that one.
JOBS := $(if $(filter 0,$(MAKELEVEL)),$(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc)))
MAKEFLAGS += $(JOBS)
# Several verbs, as in `make clean all`, come one after the other; what is only built comes together.
ifneq ($(word 2,$(MAKECMDGOALS)),)
ifneq ($(filter-out all test-programs gdb-kernel %.elf %.cpio,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
endif

BUILD := build$(if $(DEBUG),/debug)$(if $(WERROR),/werror)
# A folder has one name: under another, make would not know which objects a header concerns.
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))
CC  := $(TOOLPREFIX)gcc
CXX := $(TOOLPREFIX)g++
NM  := $(TOOLPREFIX)nm
say = $(if $(V),,@echo '  $(1)	$(2)';)

KERNEL    := $(BUILD)/ox.elf
INITRAMFS := $(BUILD)/initramfs$(if $(ROOTFS)$(USERLAND),-custom).cpio

all: $(BUILD)/ox.elf $(BUILD)/initramfs.cpio

# --- the kernel

SOURCES := $(sort $(wildcard kernel/*.cpp kernel/*/*.cpp kernel/*/*/*.cpp kernel/*/*.S kernel/*/*/*.S))
OBJECTS := $(SOURCES:kernel/%=$(BUILD)/kernel/%.o)
SCRIPT  := kernel/arch/riscv/ox.ld

ARCH_FLAGS := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -fno-pic
WARNINGS   := -Wall -Wextra -Wshadow -Wconversion $(if $(WERROR),-Werror)
INCLUDES   := -Ikernel -Ikernel/arch/riscv
# No frame of the kernel can step over the guard below its stack. (Without -O2 frames are larger.)
STACK  := $(if $(filter -O2,$(OPTIMIZE)),-Wframe-larger-than=1024)
KERNEL_FLAGS := -std=c++23 $(OPTIMIZE) -g $(ARCH_FLAGS) $(INCLUDES) $(WARNINGS) $(STACK) -ffreestanding -fno-exceptions \
    -fno-rtti -fno-stack-protector -fno-threadsafe-statics -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS \
    -DOX_DEBUG=$(if $(DEBUG),true,false)
LINK := $(CXX) $(ARCH_FLAGS) -nostdlib -static -no-pie -Wl,-T,$(SCRIPT),--build-id=none,-z,max-page-size=4096

# Parsing these takes longer than parsing the kernel, so it is done once. Each file still includes what it uses. (They are
# system headers, which -MMD leaves out: the objects can be copied to another folder.)
STANDARD := algorithm array atomic expected optional source_location span string_view utility
PARSED   := $(BUILD)/kernel/standard.h.gch
$(PARSED): | build-tools
	@mkdir -p $(@D)
	@printf '#include <%s>\n' $(STANDARD) > $(@:.gch=)
	$(call say,CXX,$@)$(CXX) $(KERNEL_FLAGS) -x c++-header -o $@ $(@:.gch=)

$(BUILD)/kernel/%.cpp.o: kernel/%.cpp $(PARSED) | build-tools
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(KERNEL_FLAGS) -isystem $(BUILD)/kernel -include standard.h -MMD -MP -c -o $@ $<

$(BUILD)/kernel/%.S.o: kernel/%.S | build-tools
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CXX) $(filter-out -std=%,$(KERNEL_FLAGS)) -MMD -MP -c -o $@ $<

# Linked twice: the panic's backtrace wants the table of symbols that only a linked kernel has. The table lies behind
# the text, so the text stays where it was; the last step checks that.
$(BUILD)/symbols/none.S: tools/build/symbols.py
	@mkdir -p $(@D)
	@python3 tools/build/symbols.py < /dev/null > $@
$(BUILD)/symbols/all.S: $(BUILD)/symbols/pass1.elf
	@$(NM) -C -n $< | python3 tools/build/symbols.py > $@
$(BUILD)/symbols/%.o: $(BUILD)/symbols/%.S | build-tools
	@$(CXX) $(ARCH_FLAGS) -c -o $@ $<
$(BUILD)/symbols/pass1.elf: $(OBJECTS) $(BUILD)/symbols/none.o $(SCRIPT)
	$(call say,LINK,$@)$(LINK) -o $@ $(OBJECTS) $(BUILD)/symbols/none.o
$(BUILD)/ox.elf: $(OBJECTS) $(BUILD)/symbols/all.o $(SCRIPT) $(BUILD)/floors.ok
	$(call say,LINK,$@)$(LINK) -o $@.new $(OBJECTS) $(BUILD)/symbols/all.o
	@$(NM) -C -n $@.new | python3 tools/build/symbols.py | cmp -s - $(BUILD)/symbols/all.S || \
	    { echo 'ox.elf: the symbol table moved the text; it must lie behind it ($(SCRIPT))'; exit 1; }
	@python3 tools/build/calls.py $(BUILD)/kernel
	@mv $@.new $@

# No include runs upwards or in a circle.
$(BUILD)/floors.ok: tools/build/floors.py $(SOURCES) $(wildcard kernel/*/*.h kernel/*/*/*.h kernel/*/*/*/*.h)
	@mkdir -p $(@D)
	@python3 tools/build/floors.py && touch $@

# --- programs: one C or C++ file each, stock gcc and glibc, static

USER_FLAGS = -static -O1 -g -Wall -Wextra $(if $(WERROR),-Werror) $(FLAGS_$(@F))
# As the lecture compiles them: every variable in memory, every line an instruction of its own.
FLAGS_fork_example := -O0
FLAGS_fork_page    := -O0
FLAGS_fork_seed    := -O0
# init stands elsewhere than all other programs, so gdb's breakpoints in those do not stop in init.
FLAGS_init := -Wl,-Ttext-segment=0x8000000
FLAGS_true := -nostdlib -Wl,--build-id=none
FLAGS_boot_count := $(FLAGS_true)
FLAGS_bench_no_libc := $(FLAGS_true)

PROGRAMS := $(addprefix $(BUILD)/user/,$(basename $(notdir $(wildcard user/*.c user/*.cpp))))
TEST_PROGRAMS := $(addprefix $(BUILD)/tests/,$(basename $(notdir $(wildcard tools/tests/programs/*.c))))

define compile_program
	@mkdir -p $(@D)
	$(call say,USER,$<)$(1) $(USER_FLAGS) -MMD -MP -MF $@.d -o $@ $<
endef
$(BUILD)/user/%: user/%.c | build-tools
	$(call compile_program,$(CC))
$(BUILD)/user/%: user/%.cpp | build-tools
	$(call compile_program,$(CXX) -std=c++20)
$(BUILD)/tests/%: tools/tests/programs/%.c | build-tools
	$(call compile_program,$(CC))
test-programs: $(TEST_PROGRAMS) $(BUILD)/firmware_count.elf $(BUILD)/bench_cycles

# A kernel for the benchmark, which is all that it and its test need beside `all`.
$(BUILD)/firmware_count.elf: tools/bench/firmware_count.S | build-tools
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) -nostdlib -static -Wl,-N,--no-warn-rwx-segments,--build-id=none,-Ttext=0x80200000 -o $@ $<

# bench, which asks the model of bench-model for cycles instead of counting instructions.
$(BUILD)/bench_cycles: user/bench.c | build-tools
	$(call compile_program,$(CC) -DMODELLED_CYCLES)

# The files of the machine: the programs in /bin, /init, an empty /tmp.
$(BUILD)/rootfs.made: $(PROGRAMS) user/pipeline.sh
	@rm -rf $(BUILD)/rootfs && mkdir -p $(BUILD)/rootfs/bin $(BUILD)/rootfs/tmp && chmod 1777 $(BUILD)/rootfs/tmp
	@cp $(PROGRAMS) $(BUILD)/rootfs/bin && mv $(BUILD)/rootfs/bin/init $(BUILD)/rootfs
	@cp user/pipeline.sh $(BUILD)/rootfs/bin/pipeline
	@cd $(BUILD)/rootfs && $(TOOLPREFIX)strip init $(patsubst %,bin/%,$(filter-out init,$(notdir $(PROGRAMS)))) && chmod 755 init bin/* && touch $(CURDIR)/$@

# The archive is the same whoever makes it, and when: sorted, owned by root, dated 1970, without debug information.
pack = cd $(1) && find . -exec touch -h -d @0 {} + && find . ! -name . -printf '%P\n' | LC_ALL=C sort | \
    cpio --quiet --reproducible -R 0:0 -H newc -o > $(CURDIR)/$@
$(BUILD)/initramfs.cpio: $(BUILD)/rootfs.made
	$(call say,CPIO,$@)$(call pack,$(BUILD)/rootfs)

# With files that are not ours: packed anew each time, those of ROOTFS last, so they win.
$(BUILD)/initramfs-custom.cpio: $(BUILD)/rootfs.made $(if $(USERLAND),userland) always
	@rm -rf $(BUILD)/rootfs-custom && cp -a $(BUILD)/rootfs $(BUILD)/rootfs-custom
	@$(if $(USERLAND),cp -a --remove-destination build/$(USERLAND)/root/. $(BUILD)/rootfs-custom)
	@$(if $(ROOTFS),cp -a --remove-destination $(ROOTFS)/. $(BUILD)/rootfs-custom)
	$(call say,CPIO,$@)$(call pack,$(BUILD)/rootfs-custom)

# Fetched once; rm -r build/debian fetches it anew.
userland:
	@tools/build/userland.sh $(USERLAND)

# --- running it

# For the shell, one word. Quotes in PROG reach the kernel, which takes what stands between them for one argument.
quoted = '$(subst ','\'',$(1))'
cmdline = $(strip $(if $(FORK),fork=$(FORK)) $(APPEND) --) $(PROG)
MACHINE = -machine virt -bios default -m $(MEM) -smp $(CPUS) -no-reboot \
    -kernel $(KERNEL) -initrd $(INITRAMFS) -append $(call quoted,$(cmdline))

# What QEMU says of sizes that do not fit names no variable, if it says anything. A number alone is of MiB.
ifneq ($(filter qemu qemu-gdb gdb gdb-rr view picture lecture,$(MAKECMDGOALS)),)
$(if $(filter 1 2 3 4 5 6 7 8,$(CPUS)),,$(error CPUS=$(CPUS): ox runs on 1 to 8 harts))
bytes = $(shell numfmt --from=iec $(MEM)$(if $(filter %0 %1 %2 %3 %4 %5 %6 %7 %8 %9,$(MEM)),M) 2> /dev/null)
$(if $(shell [ 0$(bytes) -ge 33554432 ] && echo enough),,$(error MEM=$(MEM): ox needs 32M or more, as in MEM=128M))
endif

qemu: all $(INITRAMFS) emulator
	$(QEMU) $(MACHINE) -nographic

# gdb is at its clearest with one hart and with x alone in its page; both can be set by hand.
gdb qemu-gdb gdb-rr: CPUS := $(if $(filter file,$(origin CPUS)),1,$(CPUS))
gdb qemu-gdb gdb-rr: PROG := $(if $(filter file,$(origin PROG)),fork_page,$(PROG))
gdb qemu-gdb gdb-rr: KERNEL := $(BUILD)/og/ox.elf
GDB_START = $(GDB) -q $(KERNEL) -x tools/gdb/ox.gdb -ex "add-symbol-file $(BUILD)/user/$(firstword $(PROG))"

gdb-kernel: build-tools
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/og OPTIMIZE="-Og -fno-inline" WERROR= $(BUILD)/og/ox.elf

# gdb starts QEMU and ends it: no port, no second terminal. The program's output goes to this terminal.
gdb: gdb-kernel $(INITRAMFS) emulator debugger
	@console=$$(tty) || console=$(BUILD)/console.txt; \
	$(GDB_START) -ex "target remote | exec $(QEMU) $(subst ",\",$(MACHINE)) -display none -monitor none -serial file:$$console -S -gdb stdio"

# The same with two terminals: the machine waits here for gdb.
qemu-gdb: gdb-kernel $(INITRAMFS) emulator debugger
	@rm -f $(BUILD)/gdb.sock
	@echo 'The machine waits for gdb. In another terminal, in this folder:'
	@echo; echo '    $(GDB_START) -ex "target remote $(BUILD)/gdb.sock"'; echo
	$(QEMU) $(MACHINE) -nographic -S -gdb unix:$(BUILD)/gdb.sock,server=on,wait=off

# A recorded run, and gdb in its replay, where time goes backwards too. The recording is one of a machine with one hart;
# the snapshot that going back starts from stands in a disk of its own. Its clock counts instructions: with shift=auto a
# busy computer recorded more interrupts, and QEMU 7.2 hung on the way back through them.
RR = -display none -monitor none -drive file=$(BUILD)/rr.qcow2,if=none,id=rr \
    -icount shift=0,rrfile=$(BUILD)/rr.bin,rrsnapshot=init
gdb-rr:
	@[ "$(CPUS)" = 1 ] || { echo 'gdb-rr: QEMU records one hart only: leave CPUS=$(CPUS) out' >&2; exit 1; }
	@tools/build/setup.sh install build qemu gdb record
	@$(MAKE) --no-print-directory gdb-kernel $(INITRAMFS)
	@qemu-img create -q -f qcow2 $(BUILD)/rr.qcow2 16M
	@echo 'Recording:'; input=$$(tty) || input=/dev/null; $(QEMU) $(MACHINE) $(RR),rr=record -serial stdio < $$input; \
	echo "The recording ends with status $$?. gdb stops where that is: ox::power_off, or ox::panic_text before it."
	@$(GDB_START) -ex "break ox::panic_text" -ex "break ox::power_off" \
	    -ex "target remote | exec $(QEMU) $(subst ",\",$(MACHINE)) $(RR),rr=replay -no-shutdown -serial file:$(BUILD)/console.txt -S -gdb stdio"

demo: PROG := $(if $(filter file,$(origin PROG)),fork_example,$(PROG))
demo:
	@tools/build/setup.sh install build qemu
	@$(MAKE) --no-print-directory all
	@python3 tools/demo/demo.py --build $(BUILD) --program $(call quoted,$(PROG))

bench:
	@tools/build/setup.sh install build qemu plugin
	@$(MAKE) --no-print-directory all $(BUILD)/firmware_count.elf
	@python3 tools/bench/bench.py --build $(BUILD) $(if $(PAGES),--pages $(PAGES))

bench-smp:
	@tools/build/setup.sh install build qemu
	@$(MAKE) --no-print-directory all
	@python3 tools/bench/bench_smp.py --build $(BUILD)

bench-accept:
	@tools/build/setup.sh install build qemu plugin
	@$(MAKE) --no-print-directory all $(BUILD)/firmware_count.elf
	@python3 tools/bench/bench_guard.py --build $(BUILD)

# The same programs on Debian's Linux, built once, after ox itself has been measured.
bench-linux: bench build/linux/Image
	@$(MAKE) --no-print-directory userland USERLAND=debian
	@python3 tools/bench/bench_linux.py --build $(BUILD) $(if $(REPEAT),--repeat)
build/linux/Image: tools/bench/linux.sh | bench
	@tools/build/setup.sh install build qemu linux
	@tools/bench/linux.sh

# The same in cycles of a model.
bench-model: bench build/linux/Image
	@$(MAKE) --no-print-directory $(BUILD)/bench_cycles
	@python3 tools/bench/bench_model.py --build $(BUILD)

# Pictures of both; Linux is left out where it was not measured. The interpreter is the one that Debian's packages are for.
bench-plots: bench
	@tools/build/setup.sh install plots
	@python3 tools/bench/fault_parts.py --build $(BUILD) --json $(BUILD)/fault_parts.json
	@/usr/bin/python3 tools/bench/plots.py --build $(BUILD)

# --- seeing it: one recording of PROG in the three modes, as a page and as text

# As with gdb: one hart, and x alone in its page, unless set by hand.
view picture: CPUS := $(if $(filter file,$(origin CPUS)),1,$(CPUS))
view picture: PROG := $(if $(filter file,$(origin PROG)),fork_page,$(PROG))
RECORDING = build/view/$(notdir $(firstword $(PROG))).json

view: recording
	@/usr/bin/python3 tools/view/view.py $(RECORDING)
picture: MODES := $(if $(FORK),--modes $(FORK))
picture: recording
	@/usr/bin/python3 tools/view/view.py --text $(RECORDING)
lecture: PROG := fork_page
lecture: CPUS := 1
lecture: recording
	@/usr/bin/python3 tools/lecture/lecture.py $(RECORDING)
recording:
	@tools/build/setup.sh install build qemu gdb view
	@$(MAKE) --no-print-directory $(if $(V),,-s) all $(INITRAMFS)
	@/usr/bin/python3 tools/view/record.py --build $(BUILD) --initramfs $(INITRAMFS) --out $(RECORDING) --harts $(CPUS) --memory $(MEM) $(MODES) $(PROG)

# --- proving it

check-host:
	@tools/build/setup.sh check host
	@python3 tools/prove/test.py host

check-states:
	@tools/build/setup.sh check host
	@python3 tools/prove/states.py

test:
	@tools/build/setup.sh install build qemu gdb record host test grade regrade
	@python3 tools/prove/test.py all

# Faults that nobody chose: WORD="regions.cpp" takes those with this word in their names.
mutants:
	@tools/build/setup.sh install host
	@python3 tools/prove/every_mutant.py $(if $(WORD),$(call quoted,$(WORD)))

# The interpreter is the one that Debian's packages are for.
soak:
	@tools/build/setup.sh install build qemu test host grade
	@$(MAKE) --no-print-directory all test-programs
	@/usr/bin/python3 tools/prove/soak.py $(if $(MINUTES),--minutes $(MINUTES))

grade:
	@tools/build/setup.sh install build qemu host grade
	@/usr/bin/python3 tools/labs/grade.py $(LAB) $(if $(TEST),--test $(call quoted,$(TEST)))

# What is the instructor's: a student's repository has not got this file.
-include tools/labs/lab_verbs.mk

# The page in a browser, of simulated and of real runs. axe-core judges how usable it is for everyone; without npm or
# offline its tests say that they are left out.
check-view:
	@tools/build/setup.sh install build qemu gdb test view browser
	@$(MAKE) --no-print-directory all
	@[ -d build/npm/node_modules/axe-core ] || ! command -v npm > /dev/null || \
	    npm install --prefix build/npm --no-save --no-audit --no-fund --ignore-scripts --silent axe-core@$(AXE_VERSION) || true
	@/usr/bin/python3 -m pytest -q -rs -p no:cacheprovider -n 2 --dist loadgroup tools/view/browser_tests
AXE_VERSION = 4.14.1

lint:
	@tools/build/setup.sh check build host lint
	@CLANG_FLAGS='$(CLANG_FLAGS)' tools/build/lint.sh

format:
	@tools/build/setup.sh check lint
	clang-format-19 -i $$(tools/build/lint.sh formatted)
	python3 tools/build/line_counts.py

# For editors: how each source is compiled (.vscode/, clangd).
compile-commands:
	@tools/build/setup.sh check build host
	@python3 tools/build/compile_commands.py

# The kernel's flags as clang knows them.
CLANG_FLAGS = --target=riscv64-linux-gnu $(filter-out -Werror,$(KERNEL_FLAGS))

# --- the rest

setup:
	@tools/build/setup.sh install build qemu gdb host test $(if $(LINT),lint) $(if $(VIEW),view browser)

# A plain `make` installs nothing: it says what is missing, and the one command that brings it.
build-tools:
	@tools/build/setup.sh check build
emulator:
	@tools/build/setup.sh check qemu
debugger:
	@tools/build/setup.sh check gdb

clean:
	rm -rf build

help:
	@echo 'Times are rough, on two processors: make, check-host and test from nothing, the others after make.'
	@sed -n '/^## /s/^## //p' Makefile $(wildcard tools/labs/lab_verbs.mk)

## make               25 s  the kernel (build/ox.elf) and the programs (build/initramfs.cpio)
## make demo           2 s  the lecture's example in the three ways of forking, with the kernel's account of it
## make qemu           1 s  a prompt, or PROG (CPUS=2 PROG="ls -l /bin" FORK=cow APPEND="trace"); ctrl-D or ctrl-A X ends it
## make gdb            1 s  a program (PROG=fork_page) under gdb, in one terminal; make qemu-gdb: in two; `help user-defined` there
##                          (these and gdb-rr build a kernel of their own, whose variables can be read: 20 s the first time)
## make gdb-rr         2 s  the same recorded first, so that gdb goes backwards too: reverse-stepi, reverse-continue, ox-who
## make view           5 s  a page that replays a recorded run of PROG in the three modes: build/view/PROG.html
## make picture        5 s  the same as text: the lecture's pictures, before and after fork and after the writes
## make lecture         8 s  the lecture as a page to show or print, with pictures of real runs: build/lecture/index.html
## make check-view  115 s  the page's tests, in a browser (make setup VIEW=1 brings it)
## make check-host    30 s  the tests of kernel/vm, on this machine
## make check-states 10 min every state that a small world of processes can reach, every order of two harts
## make grade        2 min  a lab's tests of your kernel, with points (in ox itself: LAB=cow); build/grade.json
## make test        10 min  everything that proves it: host tests, races, seeded bugs, QEMU
## make mutants     30 min some thousand small faults in the kernel: a test finds each (WORD=regions.cpp: those of that name)
## make soak           1 h what takes longer: storms of processes (MINUTES=10), every size of machine, the benchmark twice
## make bench         20 s  instructions that fork costs, beside the targets; build/bench.json (PAGES=262144: a process of 1 GiB)
## make bench-smp     15 s  does a second hart make fork, exit, wait faster: wall time, so a quiet machine is needed
## make bench-accept  20 s  the key figures' new values into tools/bench/bench_expected.txt, which make test compares with
## make bench-linux 10 min the same on Debian's Linux, built once (minutes), side by side; REPEAT=1: twice, to compare
## make bench-model  3 min the same in cycles of a model of caches, TLBs and fences, beside Linux
## make bench-plots  90 s  pictures of the figures: build/plots/*.svg
## make lint        200 s  format, static analysis, floors, line counts (needs clang 19: make setup LINT=1)
## make format        5 s  puts the format right, and the line counts in README.md
## make compile-commands   2 s  build/compile_commands.json for clangd and editors (.vscode/ is there)
## make setup               install what is missing (Debian); make clean: remove build/
## make qemu USERLAND=debian    with Debian's busybox and bash (PROG=sh, PROG=bash); ROOTFS=DIR adds files of your own
## variables                CPUS MEM PROG FORK APPEND PAGES ROOTFS USERLAND LAB TEST DEBUG=1 WERROR=1 TOOLPREFIX QEMU GDB V=1

.PHONY: all always userland test-programs qemu gdb gdb-kernel qemu-gdb gdb-rr view picture lecture recording check-view demo bench bench-smp bench-accept bench-linux bench-model bench-plots check-host check-states grade test mutants soak lint format compile-commands setup build-tools emulator debugger clean help
.DELETE_ON_ERROR:

-include $(OBJECTS:.o=.d) $(addsuffix .d,$(PROGRAMS) $(TEST_PROGRAMS) $(BUILD)/bench_cycles)
