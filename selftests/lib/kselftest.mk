# SPDX-License-Identifier: MIT
#
# Stands in for the kernel's tools/testing/selftests/lib.mk where there is no kernel tree: the
# same lists, the same targets. run_tests fails when a test does, and ends with
# `N passed, N failed, N skipped`.

OUTPUT		?= $(CURDIR)
TEST_GEN_PROGS	:= $(addprefix $(OUTPUT)/,$(TEST_GEN_PROGS))
TEST_GEN_FILES	:= $(addprefix $(OUTPUT)/,$(TEST_GEN_FILES))

.PHONY: all run_tests install emit_tests clean

all: $(TEST_GEN_PROGS) $(TEST_GEN_FILES)

run_tests: all
	@lib/run_kselftest.sh $(TEST_GEN_PROGS)

install: all
	@if [ -z '$(INSTALL_PATH)' ]; then \
		echo 'prose: say where to: make kselftest-install INSTALL_PATH=DIR' >&2; exit 1; fi
	mkdir -p '$(INSTALL_PATH)'
	cp -rL $(TEST_GEN_PROGS) $(TEST_GEN_FILES) $(TEST_FILES) config settings '$(INSTALL_PATH)/'
	install -m 755 lib/run_kselftest.sh '$(INSTALL_PATH)/'
	@$(MAKE) -s --no-print-directory emit_tests >'$(INSTALL_PATH)/kselftest-list.txt'

emit_tests:
	@printf '%s\n' $(notdir $(TEST_GEN_PROGS))

clean:
	rm -rf $(TEST_GEN_PROGS) $(TEST_GEN_FILES) $(EXTRA_CLEAN)
