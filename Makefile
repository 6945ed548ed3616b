# Firebreak. `make` lists the targets; every one of them can be run alone, in any order and in parallel.
# The lines with ## are that list. Everything that is built lies under build/.

PREFIX  ?= /usr/local
DESTDIR ?=
CC      := gcc
CXX     := g++
CCACHE  := $(shell command -v ccache)
# What Verilator writes is compiled by clang in less than half of gcc's time (8 lanes: 43 s, not 97), and runs 15 % faster.
VERILATED := $(foreach name,CXX LINK,$(name)=$(or $(shell command -v clang++),$(CXX))) OBJCACHE=$(CCACHE)

VERSION  := 0.1.0
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
CFLAGS   := -std=c11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -Isw/include -Isim
LDLIBS   := -lz -ldl -lm -lpthread

# All cores are used unless -j says otherwise; a make started by this make inherits its job slots.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/bash
# A line for each thing built; V=1 shows the commands.
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-7s %s\n' $1 $2)
.DELETE_ON_ERROR:
.SECONDARY:

# libpci finds cards and is GPL-2.0-or-later: LIBPCI=0 builds without it, and then without `pci:`.
LIBPCI ?= $(if $(shell $(CC) -E -include pci/pci.h -x c /dev/null >/dev/null 2>&1 && echo found),1,0)
ifneq ($(LIBPCI),0)
LDLIBS += -lpci
endif
LIB    := $(filter-out $(if $(filter 0,$(LIBPCI)),%/pci_find.c,%/pci_none.c),$(wildcard sw/lib/*.c)) $(wildcard sim/*.c)
BIN    := $(wildcard sw/bin/*.c)
UNIT   := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
UNIT_SHARED := $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
TOOLS  := $(patsubst tests/tools/%.c,%,$(wildcard tests/tools/*.c))
CYCLES := $(patsubst tests/cycles/%.c,%,$(wildcard tests/cycles/*.c))
BENCH  := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
PEERS  := $(patsubst tests/bench/peers/%.cpp,build/peers/%,$(wildcard tests/bench/peers/*.cpp))
FUZZ   := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
COSIM  := $(wildcard tests/cosim/*.c)
SOAK   := $(wildcard tests/soak/*.c)
EVIDENCE := $(wildcard tests/evidence/*.c)
MACHINE := $(wildcard tests/machine/*.c)
GUEST  := $(patsubst tests/machine/guest/%.c,%,$(wildcard tests/machine/guest/*.c))

.PHONY: help
help: ## this list
	@echo 'usage: make TARGET'
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

.PHONY: all
all: build/libfirebreak.a build/firebreak ## the library and the program

.PHONY: demo
demo: ## the main job, with all the set-up it needs: a crash on the Verilated core, checked and replayed
	@tools/setup.sh demo
	@$(MAKE) all build/libfbcore16.so
	@tools/demo.sh

# Rules that venues use today, and the same with a loss shared in other ways.
BACKTEST = binance-usdm $(addprefix research-,wealth equity capped risk min-max) hyperliquid bybit-linear okx

.PHONY: backtest
backtest: all ## several rules over the same made-up crash, side by side, in build/backtest; BACKTEST='PACK...' ACCOUNTS=N
	@FIREBREAK_RULES=sw/rules nice build/firebreak backtest $(BACKTEST) --marks gen:crash,seed=$(or $(SEED),1),minutes=15 \
		--accounts gen:$(or $(ACCOUNTS),6000),seed=$(or $(SEED),1) --market calm,seed=$(or $(SEED),1) \
		--fund $(or $(FUND),20000) --out build/backtest
	@echo; echo 'build/backtest/backtest.svg is the picture; sw/include/firebreak/backtest.h says what each number is'

# --- C: one set of rules for the plain build and for each sanitizer ----------------------------------------------------

# Functions of the library that a bench stands in front of: tests/bench/measure.h and path_stages.h.
MEASURED_instant := fb_link_submit fb_link_wait fb_confirm_judge fb_waterfall_decide fb_adl_plan
MEASURED_path    := fb_link_wait fb_fault_observe fb_log_put fb_confirm_judge fb_governor_check
WRAPPED = $(patsubst %,-Wl$(,)--wrap=%,$(MEASURED_$(notdir $@)))
, := ,

# Changes when the choice does, so that the library is made anew.
CHOICE := build/libpci-$(LIBPCI)
$(shell [ -e $(CHOICE) ] || { mkdir -p build && rm -f build/libpci-* && touch $(CHOICE); })

# $1 is a folder below which everything is built. Objects mirror the source tree, so equal names in two folders do not meet.
define c_build
$1/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$(Q)$(CCACHE) $(CC) $(CFLAGS) $$(DEFINE) $$(SANITIZE) -MMD -MP -c -o $$@ $$<
$1/libfirebreak.a: $(LIB:%.c=$1/obj/%.o) $(CHOICE)
	$$(call say,AR,$$@)
	@rm -f $$@
	$(Q)ar rcs $$@ $$(filter %.o,$$^)
$1/firebreak: $(BIN:%.c=$1/obj/%.o) $1/libfirebreak.a
	$$(call link)
$1/tests/cosim: $(COSIM:%.c=$1/obj/%.o) $1/libfirebreak.a
	$$(call link)
$1/tests/soak: $(SOAK:%.c=$1/obj/%.o) $1/libfirebreak.a
	$$(call link)
$1/tests/evidence: $(EVIDENCE:%.c=$1/obj/%.o) $1/libfirebreak.a
	$$(call link)
$1/tests/machine: $(MACHINE:%.c=$1/obj/%.o) $1/libfirebreak.a
	$$(call link)
$(GUEST:%=$1/tests/guest_%): $1/tests/guest_%: $1/obj/tests/machine/guest/%.o $1/libfirebreak.a
	$$(call link)
$(UNIT:%=$1/tests/%): $1/tests/%: $1/obj/tests/unit/%.o $(UNIT_SHARED:%.c=$1/obj/%.o) $1/libfirebreak.a
	$$(call link,$$(CHECK))
$(TOOLS:%=$1/tests/%): $1/tests/%: $1/obj/tests/tools/%.o $1/libfirebreak.a
	$$(call link)
$(CYCLES:%=$1/tests/%): $1/tests/%: $1/obj/tests/cycles/%.o $1/libfirebreak.a
	$$(call link)
$(BENCH:%=$1/tests/%): $1/tests/%: $1/obj/tests/bench/%.o $1/libfirebreak.a
	$$(call link,$$(WRAPPED))
$(FUZZ:%=$1/tests/%): $1/tests/%: $1/obj/tests/fuzz/%.o $1/libfirebreak.a
	$$(call link)
endef

define link
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $1 $(LDLIBS)
endef

# What runs on several threads, under ThreadSanitizer: only as much of the library as that needs.
TSAN_LIB := $(wildcard sw/lib/cpu*.c) \
	$(patsubst %,sw/lib/%.c,command_check error crc64 hash idmap log2 uri_args workload)
TSAN_OBJ := $(patsubst %.c,build/tsan/obj/%.o,tests/unit/test_cpu_pool.c $(TSAN_LIB))
$(TSAN_OBJ): build/tsan/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CCACHE) $(CC) $(CFLAGS) $(DEFINE) -fsanitize=thread -MMD -MP -c -o $@ $<
build/tsan/test_cpu_pool: $(TSAN_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) -fsanitize=thread -o $@ $^ $$(pkg-config --cflags --libs check) $(LDLIBS)

CHECK = $$(pkg-config --cflags --libs check)
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE = $(if $(filter build/asan/%,$@),$(ASAN))
$(eval $(call c_build,build))
$(eval $(call c_build,build/asan))
-include $(shell find build -name '*.d' -path '*/obj/*' 2>/dev/null)

%/sw/bin/cmd_info.o: DEFINE = -DFIREBREAK_VERSION='"$(VERSION)"'
# Vectors that are wider than native are never passed to a function (cpu_vector.h).
%/sw/lib/cpu_kernel.o %/sw/lib/cpu_kernel_wide.o: DEFINE = -Wno-psabi
%/sw/lib/bench_head.o: DEFINE = -DFIREBREAK_FLAGS='"$(CFLAGS)"'

# --- the Verilated core: build/libfbcoreN.so, N lanes; N-trace writes a waveform, N-poke can flip stored bits -------------

RTL := $(wildcard hw/rtl/*.v hw/rtl/*.vh hw/rtl/*.vlt hw/rtl/core.f hw/contract/*.vh)
RTL_FILES = $(addprefix hw/rtl/,$(filter %.v,$(file <hw/rtl/core.f)))
group_1 := 1
group_2 := 1
group_8 := 4
group_16 := 8
row_bits := 13
slot_bits := 12
variant_trace := --trace -CFLAGS -DFB_TRACE
variant_poke := hw/rtl/poke.vlt -CFLAGS -DFB_POKE
variant_256 := -GDATA_W=256
lanes = $(firstword $(subst -, ,$*))
VERILATOR = verilator --cc --exe -O3 --x-assign fast --x-initial fast -Wall -Ihw/rtl -Ihw/contract \
	--top-module fb_core --prefix Vfb_core -GLANES=$(lanes) -GGROUP=$(group_$(lanes)) \
	-GROW_BITS=$(row_bits) -GSLOT_BITS=$(slot_bits) -CFLAGS '-DFB_ROW_BITS=$(row_bits) -DFB_SLOT_BITS=$(slot_bits)' \
	-CFLAGS '-fPIC -fvisibility=hidden -DFB_LANES=$(lanes) -DFB_GROUP=$(group_$(lanes))' \
	-CFLAGS '-I$(CURDIR)/sim -I$(CURDIR)/sw/include' \
	-LDFLAGS '-shared -Wl,--version-script=$(CURDIR)/build/v$*/exports.map'

# Two of these in one process must not share symbols: only fb_core_ops is visible. OPT_FAST: without it the model runs
# at 2.8 instead of 4.6 million rows a second.
build/libfbcore%.so: $(RTL) $(wildcard sim/core_shim* sim/poke.inc) sw/include/firebreak/layout.h
	@mkdir -p build/v$*
	@echo '{ global: fb_core_ops; local: *; };' >build/v$*/exports.map
	$(call say,CORE,$@)
	$(Q)$(VERILATOR) $(variant_$(word 2,$(subst -, ,$*))) --Mdir build/v$* -o ../libfbcore$*.so \
		$(RTL_FILES) $(CURDIR)/sim/core_shim.cpp
	+@$(MAKE) -s -C build/v$* -f Vfb_core.mk OPT_FAST=-O3 $(VERILATED) >/dev/null
	@touch $@

# 256 lanes with small memories, quick to build rather than fast: a group is verilated once, in a library of its own.
# From outside, what goes through a group from input to output (ready) looks like a loop; and a group's stub has its own file.
wide_bits := -DFB_LANES=256 -DFB_GROUP=8 -DFB_ROW_BITS=10 -DFB_SLOT_BITS=8
build/libfbcore256.so: $(RTL) $(wildcard sim/core_*) sw/include/firebreak/layout.h
	@mkdir -p build/v256
	@echo '{ global: fb_core_ops; local: *; };' >build/v256/exports.map
	$(call say,CORE,$@)
	$(Q)MAKEFLAGS= verilator --hierarchical --cc --exe -O3 --x-assign fast --x-initial fast \
		-Wall -Wno-UNOPTFLAT -Wno-DECLFILENAME -Ihw/rtl -Ihw/contract \
		--top-module core_wide --prefix Vfb_core --Mdir build/v256 -o ../libfbcore256.so \
		-CFLAGS '-fPIC -fvisibility=hidden $(wide_bits) -I$(CURDIR)/sim -I$(CURDIR)/sw/include' \
		-LDFLAGS '-shared -Wl,--version-script=$(CURDIR)/build/v256/exports.map' \
		sim/core_wide.v $(RTL_FILES) sim/core_wide.vlt $(CURDIR)/sim/core_shim.cpp >/dev/null
	+@$(MAKE) -s -C build/v256 -f Vfb_core_hier.mk OPT_FAST=-O1 $(VERILATED) >/dev/null
	@touch $@

# --- the Verilated card: the same core behind its PCIe endpoint, build/libfbcardN.so; N-trace writes a waveform, N-256 has a
# bus of 256 bits --------------------------------------------------------------------------------------------------------------

CARD_RTL := $(wildcard hw/pcie/*.v hw/pcie/*.vh hw/pcie/card.f)
CARD_FILES = $(addprefix hw/pcie/,$(filter %.v,$(file <hw/pcie/card.f))) $(RTL_FILES)
CARD_VERILATOR = $(subst build/v$*,build/card$*,$(subst --top-module fb_core --prefix Vfb_core,\
	--top-module fb_card --prefix Vfb_card -Ihw/pcie,$(VERILATOR)))

build/libfbcard%.so: $(RTL) $(CARD_RTL) $(wildcard sim/*shim*) sw/include/firebreak/layout.h
	@mkdir -p build/card$*
	@echo '{ global: fb_card_model_ops; local: *; };' >build/card$*/exports.map
	$(call say,CARD,$@)
	$(Q)$(CARD_VERILATOR) $(variant_$(word 2,$(subst -, ,$*))) --Mdir build/card$* -o ../libfbcard$*.so \
		$(CARD_FILES) $(CURDIR)/sim/card_shim.cpp
	+@$(MAKE) -s -C build/card$* -f Vfb_card.mk OPT_FAST=$(if $(filter 16%,$*),-O1,-O3) $(VERILATED) >/dev/null
	@touch $@

# Those that tests open. That of 16 lanes runs one storm (cardstorm): it is built quickly rather than fast.
CARDS := build/libfbcard2.so build/libfbcard8.so
STORM_CARDS := build/libfbcard16.so build/libfbcard16-256.so

.PHONY: cards
cards: $(CARDS) ## the Verilated card with 2 and 8 lanes

.PHONY: cores
cores: $(patsubst %,build/libfbcore%.so,1 2 8 16) ## the Verilated core with 1, 2, 8 and 16 lanes

# --- tests ---------------------------------------------------------------------------------------------------------------

# What a set of steps in tools/tests.txt runs, so that the steps need not build.
unit_programs   := $(UNIT:%=build/tests/%) build/libfbcore8-poke.so $(CARDS)
asan_programs   := $(UNIT:%=build/asan/tests/%) build/asan/tests/cosim build/asan/tests/soak
cosim_programs  := build/tests/cosim cores cards build/libfbcore256.so
cycles_programs := $(CYCLES:%=build/tests/%) build/libfbcard16.so
soak_programs   := build/tests/soak cores
evidence_programs := build/tests/evidence build/libfbcore2.so
bench_programs  := $(BENCH:%=build/tests/%) $(PEERS)
oracle_programs := $(TOOLS:%=build/tests/%)
fuzz_programs   := $(FUZZ:%=build/asan/tests/%)
machine_programs := build/firebreak build/libfbcard8.so build/tests/machine build/asan/tests/machine \
	$(GUEST:%=build/tests/guest_%)

.PHONY: test
test: ## every test, with all the set-up it needs; ONLY='lint unit*' runs some steps of tools/tests.txt
	@tools/setup.sh test
	@set -f; tools/test.sh $(ONLY)

.PHONY: test-build
test-build: all $(unit_programs) $(asan_programs) $(cosim_programs) $(cycles_programs) $(oracle_programs) \
	$(fuzz_programs) $(soak_programs) $(evidence_programs) $(bench_programs) $(machine_programs)

.PHONY: lint
lint: ## what can be found wrong without running: warnings, stale generated files, house rules
	@CFLAGS='$(CFLAGS)' tools/lint.sh

.PHONY: unit
unit: $(unit_programs) ## the unit tests
	@tools/test.sh 'unit *'

.PHONY: asan
asan: $(asan_programs) build/libfbcore2.so build/libfbcore8-poke.so $(CARDS) ## unit tests, cosimulation under ASan and UBSan
	@tools/test.sh 'asan *'

.PHONY: cosim
cosim: $(cosim_programs) ## the Verilated core against the model, and its properties
	@tools/test.sh 'cosim *'

.PHONY: cocotb
cocotb: $(cosim_programs) $(oracle_programs) ## the card behind an independent model of the PCIe block
	@tools/test.sh 'cocotb*'

.PHONY: cycles
cycles: $(cosim_programs) $(cycles_programs) ## published cycles and the model of time behind those of 256 lanes
	@tools/test.sh 'cosim cycles' 'cycle *' 'card storm'

.PHONY: card-storm
card-storm: $(STORM_CARDS) build/tests/cardstorm ## 11,279 breaches at once on the Verilated card, 512 and 256 bits: cycles
	@build/tests/cardstorm 512 256

# What is measured by `make bench`: every workload, sizes, shares that breach, and small books for the simulated core.
BENCHED := quiet symbol all burst storm funding fills fills-marks rank-count rank-lots rank1m-count rank1m-lots \
	$(foreach n,65k 1m 4m,quiet:rows=$n symbol:rows=$n all:rows=$n burst:rows=$n) \
	$(foreach p,0.1 1 20 50 100,burst:share=$p) $(foreach n,1k 8k 24k,symbol:rows=$n all:rows=$n burst:rows=$n)

PINNED = $(if $(shell command -v taskset),taskset -c $$(($$(nproc) - 1)))

.PHONY: bench
bench: build/firebreak build/libfbcore8.so ## latency of all workloads, beside what others need: build/bench/index.html
	@$(PINNED) build/firebreak bench $(BENCHED) --engine $(or $(ENGINES),cpu: core:lanes=8) \
		--seconds $(or $(SECONDS),1) --plot build/bench >build/bench.txt
	@$(MAKE) bench-peers SECONDS=1; peers=$$?; python3 tests/bench/peers/page.py build/bench && exit $$peers
	@tail -n 1 build/bench.txt; echo 'build/bench: bench.txt, bench.json, pictures, histograms'

.PHONY: bench-sim
bench-sim: $(cosim_programs) $(cycles_programs) cards ## how fast the Verilated core and card are simulated here
	@build/tests/speed
	@build/tests/cardspeed

.PHONY: bench-host
bench-host: $(bench_programs) ## how long the host takes for the worst instant of 2025-10-10; JSON=1
	@build/tests/instant $(if $(JSON),--json)

.PHONY: bench-path
bench-path: build/tests/path ## from a record in ring memory to an order's bytes, and a storm of them; JSON=1 SAMPLES=N CPU=N
	@taskset -c $(or $(CPU),0) build/tests/path --samples $(or $(SAMPLES),1000000) $(if $(JSON),--json)

.PHONY: bench-emit
bench-emit: build/tests/emit ## what building and storing a command costs, to plain memory; JSON=1
	@build/tests/emit $(if $(JSON),--json)

# Other engines on the same book. In C++ each is one file; what they are: tests/bench/peers/run.py.
$(PEERS): build/peers/%: tests/bench/peers/%.cpp tests/bench/peers/book.hpp
	@mkdir -p $(@D)
	$(call say,PEER,$@)
	$(Q)$(CCACHE) $(CXX) -std=c++17 -O3 -march=native $(WARNINGS) -o $@ $<

.PHONY: bench-peers
bench-peers: build/tests/export $(PEERS) ## other engines on the same book, each checked; ONLY='loop numpy' SECONDS=1
	@python3 tests/bench/peers/run.py --seconds $(or $(SECONDS),1) build/bench/peers $(ONLY)

.PHONY: oracle
oracle: $(oracle_programs) ## the model against the contract in exact fractions
	@tools/test.sh oracle

.PHONY: evidence
evidence: $(evidence_programs) ## laws that hold of any venue's rules, for every pack
	@tools/test.sh 'evidence *'

.PHONY: fuzz
fuzz: $(fuzz_programs) ## damaged input files, under the sanitizers
	@tools/test.sh 'fuzz *'

.PHONY: machine
machine: $(machine_programs) ## a whole machine under QEMU, with the card's process behind it
	@tools/test.sh 'machine*'

.PHONY: mutants
mutants: $(cosim_programs) ## plant every fault of tools/mutate.py and see it caught
	python3 tools/mutate.py --jobs $$(nproc)

.PHONY: soak
soak: build/tests/soak cores ## the waterfall on seed after seed for SECONDS=600; a cell of its table never hit fails
	build/tests/soak --seconds $(or $(SECONDS),600) --coverage --cores build

.PHONY: soak-core
soak-core: $(cosim_programs) ## cosimulation for hours: SEEDS=1000..20000
	build/tests/cosim run --engine core:lanes=8,place=random --seeds $(or $(SEEDS),1000..20000)

# --- synthesis: UltraScale+ with yosys from the package index, in an environment of its own ------------------------------

SYNTH_PARTS := lane lane_plain rank group core
SYNTH_TOOL  := build/synth/venv/installed.txt
SYNTH_FILES := tools/synth.py $(wildcard tools/synth/*.py hw/synth/memories.txt)

$(SYNTH_TOOL): tools/synth/requirements.txt
	@rm -rf build/synth/venv && mkdir -p build/synth
	$(call say,VENV,build/synth/venv)
	$(Q)python3 -m venv build/synth/venv && build/synth/venv/bin/pip install -q --no-deps --disable-pip-version-check \
		--only-binary :all: -r $<
	@cp $< $@

build/synth/%/report.json: $(RTL) $(SYNTH_TOOL) $(SYNTH_FILES)
	$(call say,SYNTH,$*)
	$(Q)python3 tools/synth.py --renew $* >/dev/null

.PHONY: synth-tools
synth-tools: $(SYNTH_TOOL) # what tools/synth.py runs

.PHONY: synth
synth: $(SYNTH_PARTS:%=build/synth/%/report.json) ## maps lane, rank, group and core for UltraScale+, renews hw/synth (20 min)
	$(Q)python3 tools/synth.py --tables && python3 tools/synth.py --whole

.PHONY: synth-ecp5
synth-ecp5: $(SYNTH_TOOL) ## places and routes the core on an ECP5, renews hw/synth/ecp5.json; LANES=1
	$(Q)nice python3 tools/synth.py --ecp5 $(or $(LANES),1)

# --- the rest ------------------------------------------------------------------------------------------------------------

.PHONY: install
install: all build/libfbcore8.so ## program, library, core, headers, rules and pkg-config file below PREFIX (/usr/local)
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin include/firebreak lib/pkgconfig lib/firebreak share/firebreak)
	cp -r sw/rules $(DESTDIR)$(PREFIX)/share/firebreak/
	install build/firebreak $(DESTDIR)$(PREFIX)/bin/
	install -m 644 build/libfirebreak.a $(DESTDIR)$(PREFIX)/lib/
	install -m 644 build/libfbcore8.so $(DESTDIR)$(PREFIX)/lib/firebreak/
	install -m 644 $(wildcard sw/include/firebreak/*.h) $(DESTDIR)$(PREFIX)/include/firebreak/
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: firebreak' 'Description: liquidation and auto-deleveraging engine' \
		'Version: $(VERSION)' 'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lfirebreak $(LDLIBS)' \
		>$(DESTDIR)$(PREFIX)/lib/pkgconfig/firebreak.pc

.PHONY: ldlibs
ldlibs: # for tools/mutate*.py: what a program with the library in it is linked with
	@echo '$(LDLIBS)'

.PHONY: setup
setup: ## install the packages of tools/packages.txt that are missing
	@tools/setup.sh test

.PHONY: clean
clean: ## forget everything that was built
	rm -rf build
