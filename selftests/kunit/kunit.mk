# SPDX-License-Identifier: MIT
#
# The KUnit suites as programs. Included by userspace/Makefile.
#
#   kunit	suites of pure code; libc alone
#   kshim	suites over the shim of the kernel
#   frames	the packet path over it, whole; no suite of the kernel
#   parallel	and what of it several processors do

kunit_dir	:= $(TOP)/selftests/kunit
kunit_suite	= $(patsubst %,$(TOP)/kmod/tests/%.c,$(1))
kunit_bin	:= $(addprefix $(O)/selftests/kunit/,kunit kshim frames parallel)

kunit_pure_src	:= $(kunit_dir)/kunit.c $(call kunit_suite,pdcp_kunit count_kunit replay_kunit) \
		   $(TOP)/kmod/pdcp.c $(TOP)/kmod/replay.c
kunit_run	:= $(call obj,$(kunit_dir)/run.c)

$(kunit_run) $(call obj,$(kunit_pure_src)): CFLAGS_ALL += -I$(kunit_dir)/include

$(O)/selftests/kunit/kunit: $(call obj,$(kunit_pure_src)) $(kunit_run)
	@mkdir -p $(@D)
	@echo "  LD      $(patsubst $(O)/%,%,$@)"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^

$(O)/selftests/kunit/kshim: $(call kshim_obj,$(kunit_dir)/kshim.c \
		$(call kunit_suite,assoc_kunit algs_kunit fakes)) $(kunit_run) $(LIBKMOD)
	$(call link)

$(addprefix $(O)/selftests/kunit/,frames parallel): $(O)/selftests/kunit/%: \
		$(O)/obj/kshim/selftests/kunit/%.o $(kunit_run) $(LIBKMOD)
	$(call link)
