# SPDX-License-Identifier: MIT
#
# The fuzzers: each selftests/fuzz/NAME.c is one, with what it shares in selftests/fuzz/lib.
# Included by userspace/Makefile; selftests/fuzz/run calls it.
#
#   FUZZER=1       link libFuzzer (CC=clang); else a main() that replays the files it is given
#
# What a target needs beside the libraries, by its name:
#   fuzz_NAME_src	sources, also those of other folders
#   fuzz_NAME_cflags	flags for NAME.c
#   fuzz_NAME_libs	libraries

fuzz_cli_src	:= $(filter-out %/prose.c %/client.c,$(cli_src))
fuzz_control_libs := -lcmocka
fuzz_capture_src := $(addprefix $(TOP)/userspace/decode/,decipher.c frame.c keylog.c)

# ECCSI and SAKKE leave no time for fuzzing, any more than for schedules.
fuzz_isolated_src := $(TOP)/selftests/sim/primitives.c
fuzz_isolated_libs := $(call wrap,$(sim_wraps))

fuzz_src	:= $(wildcard $(TOP)/selftests/fuzz/*.c)
fuzz_names	:= $(patsubst $(TOP)/selftests/fuzz/%.c,%,$(fuzz_src))
fuzz_bin	:= $(addprefix $(O)/selftests/fuzz/,$(fuzz_names))
fuzz_lib	:= $(filter-out %/replay.c,$(wildcard $(TOP)/selftests/fuzz/lib/*.c))

ifeq ($(FUZZER),1)
CFLAGS_ALL	+= -fsanitize=fuzzer-no-link
fuzz_engine	:= -fsanitize=fuzzer
else
fuzz_lib	+= $(TOP)/selftests/fuzz/lib/replay.c
endif

.PHONY: fuzz
fuzz: $(fuzz_bin)

define fuzz_rule
$(O)/obj/selftests/fuzz/$(1).o: CFLAGS_ALL += $$(fuzz_$(1)_cflags)
$(O)/selftests/fuzz/$(1): $(call obj,$(TOP)/selftests/fuzz/$(1).c $(fuzz_lib) $(fuzz_$(1)_src)) $(LIBALL)
	$$(call link,$$(fuzz_engine) $$(fuzz_$(1)_libs))
endef
$(foreach name,$(fuzz_names),$(eval $(call fuzz_rule,$(name))))
