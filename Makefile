# Tamar. Everything is built under $(B); nothing but a C compiler, make and a POSIX shell is needed.
# A test needs no entry here: tests/test_*.c, tests/test_*.sh and tests/check_*.sh are found by name.

CC ?= cc
CXX ?= c++
CFLAGS ?= -std=c99 -O1 -g
LDLIBS ?=
B ?= build
FUZZ_SECONDS ?= 60
SEEDS ?= 1-1000000
FUZZ_CC ?= clang

HEADERS = tamar_llm.h tamar_llm_json.h
SHARED = $(HEADERS) $(wildcard tests/*.h examples/extras/*.h fuzz/*.h) Makefile
EXAMPLES = $(patsubst examples/%.c,$(B)/%,$(wildcard examples/*.c))
SIM = $(patsubst tests/provider_sim.c,$(B)/provider-sim,$(wildcard tests/provider_sim.c))
DRIVER = $(B)/network_driver
UNITS = $(patsubst tests/%.c,$(B)/%,$(wildcard tests/test_*.c))
TORTURES = $(patsubst tests/%.c,$(B)/%,$(wildcard tests/torture_*.c))
TARGETS = $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c))
REPLAYS = $(patsubst %,$(B)/replay_%,$(TARGETS))
SCRIPTS = $(wildcard tests/test_*.sh)
CHECKS = $(wildcard tests/check_*.sh)
PROGRAMS = $(EXAMPLES) $(SIM) $(DRIVER) $(UNITS) $(REPLAYS)

# The sections that read hostile bytes; their arithmetic is also watched for wrapping that was not meant.
SECTIONS = base num json url sse http1 chat anthropic hash ollama native gemini responses
PARSERS = $(filter $(patsubst %,$(B)/test_%,$(SECTIONS)),$(UNITS))
# Tests that run long are optimised even under sanitizers; the others are not, which compiles in a sixth of the time.
LONG = $(filter $(patsubst %,$(B)/test_%,num json sse http1),$(UNITS))
INTEGERS = $(patsubst $(B)/%,build/integer/%,$(PARSERS))

SAN_CC ?= $(shell command -v clang || command -v gcc || echo $(CC))
SAN_FLAGS = -std=c99 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
INTEGER_FLAGS = -std=c99 -g -fsanitize=integer,undefined -fno-sanitize-recover=all \
    -fsanitize-ignorelist=tests/integer.ignore

COMPILE = $(CC) $(CFLAGS) -I.
MAKE_ALL = $(MAKE) -k --no-print-directory
RUN = CC="$(CC)" CXX="$(CXX)" sh tests/run.sh

all: build
build: $(EXAMPLES) $(SIM) ## build the examples (build/tamar among them) and the simulated provider
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(B)/tamar $(SIM) $(B)/probe ## stream one answer: your key, a local model, or else the simulated provider
	@BUILD=$(B) sh tests/demo.sh

test: ## build and run all tests; the last line is the total
	+@$(MAKE_ALL) programs || true
	@BUILD=$(B) $(RUN) $(CHECKS) $(UNITS) $(SCRIPTS)

torture: ## the slow tests: simulated networks, failing memory, long runs
	+@$(MAKE_ALL) $(EXAMPLES) $(SIM) $(TORTURES) || true
	@BUILD=$(B) TEST_SECONDS=3600 $(RUN) $(TORTURES)

seeds: ## random scenarios, SEEDS=1-1000000 of them: seeds a second, virtual years, and the trace; ranges add up
	@$(MAKE) --no-print-directory $(B)/test_scenarios >/dev/null
	@$(B)/test_scenarios --from $(firstword $(subst -, ,$(SEEDS))) --to $(lastword $(subst -, ,$(SEEDS)))

platforms: ## the tests on other machines: Windows under Wine, i686, ARM and MIPS under QEMU, musl, kqueue, a browser
	@BUILD=$(B) CC="$(CC)" sh tests/platforms.sh

network: $(B)/tamar $(SIM) $(DRIVER) ## networks that fail, in namespaces of their own (root, iproute2, iptables)
	@BUILD=$(B) CC="$(CC)" sh tests/namespaces.sh

bench: ## measure the library on this machine, beside libcurl + cJSON where they are installed
	@BUILD=$(B) CC="$(CC)" sh tests/bench.sh

san: ## the tests under address, undefined and (clang) integer sanitizers
	+@$(MAKE_ALL) B=build/san CC=$(SAN_CC) CFLAGS="$(SAN_FLAGS) -O1" long build/san/test_scenarios || true
	+@$(MAKE_ALL) B=build/san CC=$(SAN_CC) CFLAGS="$(SAN_FLAGS) -O0" sanitized || true
	+@if command -v clang >/dev/null; then \
	    $(MAKE_ALL) B=build/integer CC=clang CFLAGS="$(INTEGER_FLAGS) -O1" long || true; \
	    $(MAKE_ALL) B=build/integer CC=clang CFLAGS="$(INTEGER_FLAGS) -O0" parsers || true; \
	else echo "no clang: without the integer sanitizer"; fi
	@BUILD=build/san TEST_SECONDS=900 CC=$(SAN_CC) sh tests/run.sh $(patsubst $(B)/%,build/san/%,$(UNITS)) \
	    $(SCRIPTS) `command -v clang >/dev/null && echo $(INTEGERS)`

sdk: ## compare what is sent with the vendors' own SDKs, which npm installs into build/sdk
	@TAMAR_SDK=1 BUILD=$(B) CC="$(CC)" sh tests/test_sdk.sh

matrix: $(SIM) ## who does what when a server misbehaves: this library and the vendors' SDKs; writes tests/matrix.md
	@TAMAR_SDK=1 BUILD=$(B) CC="$(CC)" sh tests/matrix.sh

soak: $(SIM) ## many calls at once with faults mixed in for SOAK_SECONDS (600): flat memory, flat descriptors, nothing lost
	@$(MAKE) --no-print-directory $(B)/soak
	@BUILD=$(B) sh tests/soak.sh

fuzz: $(patsubst %,fuzz-%,$(TARGETS)) ## fuzz each target for FUZZ_SECONDS (60), with clang's libFuzzer

analyze: ## gcc -fanalyzer, clang-tidy, cppcheck; what is missing is skipped by name
	@BUILD=$(B) sh tests/analyze.sh

mutate: ## small mistakes in the policy, one at a time, JOBS (2) at once: does its test notice?
	@BUILD=$(B) CC="$(CC)" sh tests/mutate.sh

coverage: ## the branches of the policy that its test takes, by gcov
	@BUILD=$(B) sh tests/coverage.sh

tiny: ## examples/chat.c, static with musl and BearSSL: its size by what is cut off
	@BUILD=$(B) sh tests/tiny.sh

examples: $(EXAMPLES) ## build the examples only

clean: ## remove build/
	rm -rf build

programs: $(PROGRAMS)
parsers: $(PARSERS)
long: $(LONG)
fuzzers: $(patsubst %,$(B)/fuzz/%,$(TARGETS))
sanitized: $(B)/tamar $(SIM) $(DRIVER) $(UNITS) $(REPLAYS)

$(B)/%: examples/%.c $(SHARED)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LDLIBS)

$(B)/provider-sim: tests/provider_sim.c $(SHARED)
	@mkdir -p $(@D)
	$(COMPILE) -std=gnu11 -o $@ $< $(LDLIBS)

$(B)/replay_%: fuzz/fuzz_%.c tests/replay.c $(SHARED)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< tests/replay.c $(LDLIBS)

$(B)/%: tests/%.c $(SHARED)
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LDLIBS)

# Of a backend that has to be linked; where it is missing, the test says so.
$(B)/test_scenarios $(B)/torture_scenarios: tests/provider_sim.c
$(B)/test_tls_bearssl: tests/test_tls_bearssl.c tests/test_tls.c $(SHARED)
	@mkdir -p $(@D)
	@if echo '#include <bearssl.h>' | $(CC) -E -x c - >/dev/null 2>&1 && \
	    echo 'char br_ssl_client_zero(); int main(void) { return br_ssl_client_zero(); }' | \
	    $(CC) -w -x c - -o $@ -lbearssl 2>/dev/null; then set -- -DHAVE_BEARSSL=1 $< -lbearssl; else set -- $<; fi; \
	echo $(COMPILE) -o $@ "$$@"; $(COMPILE) -o $@ "$$@" $(LDLIBS)

$(B)/fuzz/%: fuzz/fuzz_%.c $(SHARED)
	@mkdir -p $(@D)
	$(FUZZ_CC) -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I. -o $@ $< $(LDLIBS)

fuzz-%: $(B)/fuzz/%
	@mkdir -p $(B)/fuzz/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) `grep -o -m 1 -e '-max_len=[0-9]*' fuzz/fuzz_$*.c` -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix=$(B)/fuzz/$*- $(patsubst %,-dict=%,$(wildcard fuzz/fuzz_$*.dict)) \
	    $(B)/fuzz/corpus/$* $(wildcard fuzz/seeds/fuzz_$*)

.PHONY: all build help demo test torture platforms network bench san sdk matrix soak seeds fuzz analyze mutate coverage tiny examples clean \
    programs parsers long sanitized fuzzers
.SECONDARY:
