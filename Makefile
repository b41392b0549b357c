# SPDX-License-Identifier: MIT
#
# prose: 3GPP ProSe sidelink security for Linux. `make help` lists the targets.

TOP	:= $(CURDIR)
O	?= $(TOP)/out
export O

# The kernel the module is built for: the running one where its headers are installed,
# else the newest whose headers are.
KVER	?= $(shell if [ -e /lib/modules/$$(uname -r)/build ]; then uname -r; else \
	     ls -d /lib/modules/*/build 2>/dev/null | sort -V | tail -n 1 | cut -d/ -f4; fi)
KDIR	?= /lib/modules/$(KVER)/build

.PHONY: all module userspace sanitized tests demo check bench fuzz check-debug check-kernels coverage lint \
	kselftest kselftest-install deb check-packages install uninstall modules_install dkms dkms-source \
	clean help gen

all: module userspace

help:
	@echo 'Two commands do everything on Debian 12, as root; they install what they lack:'
	@echo '  make demo             two UEs in a virtual machine, one secured link, decoded'
	@echo '  make check            the tests; T=NAME runs one, T=list names them, T=--all all'
	@echo
	@echo 'Testing more; each installs what it lacks (Documentation/testing.rst):'
	@echo '  make check-debug      on a kernel with KASAN, lockdep, kmemleak and faults on order'
	@echo '  make check-kernels    the DKMS package on other kernels and processors; T=list names them'
	@echo '  make check-packages   the Debian packages: built, installed, upgraded and removed with links up'
	@echo '  make coverage         what the tests execute; after check-debug the module as well'
	@echo '  make bench            what packets and algorithms cost, beside their like; BENCH=quick'
	@echo
	@echo 'Building:'
	@echo '  make                  module and programs'
	@echo '  make module           prose.ko, prose_{aes,snow3g,zuc}.ko for KVER=$(KVER)'
	@echo '  make userspace        prosed, prose, prose-decode, prose-kms, into out/bin; out/lib/ip/link_prose.so for ip'
	@echo '  make gen              uapi header and kernel policies from netlink/prose.yaml'
	@echo '  make fuzz             the fuzzers, FUZZ_SECONDS=60 each'
	@echo '  make lint             the static checks; T=--quick and T=--long are a part, T=NAME is one'
	@echo '  make kselftest        the tests that need the module, here, where it is loaded; as root'
	@echo '  make kselftest-install INSTALL_PATH=DIR   the same to copy: DIR/run_kselftest.sh'
	@echo '  make deb              Debian packages, into out/deb'
	@echo '  make clean'
	@echo
	@echo 'Installing on a rig, as root:'
	@echo '  make install          programs, plugins of ip and Wireshark, man pages, unit; DESTDIR, PREFIX'
	@echo '  make modules_install  these for KVER'
	@echo '  make dkms             these for every kernel, now and after upgrades'
	@echo '  make uninstall'
	@echo
	@echo 'Variables: KVER=VERSION KDIR=DIR O=DIR V=1 SANITIZE=1'
	@echo '           KUNIT=1  with prose_kunit.ko, for a kernel that has KUnit'

module:
	@if [ ! -e '$(KDIR)/Makefile' ]; then \
		echo "prose: no kernel headers at '$(KDIR)'." >&2; \
		echo "       Install them (apt-get install linux-headers-amd64, or selftests/deps build)," >&2; \
		echo "       or name them: make KVER=VERSION, make KDIR=DIRECTORY." >&2; exit 1; fi
	+$(MAKE) -C $(KDIR) M=$(TOP) $(if $(KUNIT),PROSE_KUNIT=1) modules

userspace:
	+$(MAKE) -f userspace/Makefile programs

tests: userspace
	+$(MAKE) -f userspace/Makefile tests

sanitized:
	+$(MAKE) -f userspace/Makefile O=$(O)/sanitized SANITIZE=1 programs tests fuzz

gen:
	netlink/gen

# The guest's kernel, not this machine's, is what the module must fit.
demo:
	selftests/deps demo
	+$(MAKE) module KVER="$$(selftests/vm/kernel --release)"
	+$(MAKE) -f userspace/Makefile programs $(O)/selftests/decode/decode
	selftests/demo/demo

check:
	selftests/deps check
	selftests/check $(T)

check-debug:
	selftests/deps debug
	selftests/check --kernel debug $(T)

bench:
	selftests/deps bench
	+$(MAKE) module KVER="$$(selftests/vm/kernel --release)"
	+$(MAKE) -f userspace/Makefile programs bench
	selftests/bench/bench $(if $(filter quick,$(BENCH)),--quick)

check-kernels:
	selftests/deps kernels
	selftests/kernels $(T)

deb:
	selftests/deps deb
	selftests/packages/build $(O)/deb

check-packages:
	selftests/deps packages
	selftests/packages/check $(T)

coverage:
	selftests/deps coverage
	selftests/coverage

fuzz:
	selftests/deps fuzz
	selftests/fuzz/run

lint:
	selftests/deps check
	selftests/lint $(T)

kselftest:
	+@$(MAKE) --no-print-directory -C selftests PROSE_O=$(O) run_tests

kselftest-install:
	+@$(MAKE) --no-print-directory -C selftests PROSE_O=$(O) install

clean:
	+-[ ! -e '$(KDIR)/Makefile' ] || $(MAKE) -C $(KDIR) M=$(TOP) clean
	rm -rf $(O)

# Installation. DESTDIR is for packagers; nothing is loaded or started.
PREFIX		?= /usr/local
BINDIR		?= $(PREFIX)/bin
SBINDIR		?= $(PREFIX)/sbin
MANDIR		?= $(PREFIX)/share/man
SYSCONFDIR	?= /etc
UNITDIR		?= $(if $(filter /usr,$(PREFIX)),/lib/systemd/system,$(SYSCONFDIR)/systemd/system)
COMPLETIONDIR	?= $(PREFIX)/share/bash-completion/completions
EXAMPLEDIR	?= $(PREFIX)/share/doc/prose
SCHEMADIR	?= $(PREFIX)/share/prose
# Where ip looks for plugins is compiled into it, whatever PREFIX is; on Debian it is a folder of
# the processor's. Without an ip to ask, where Debian's looks.
IPDIR		?= $(or $(shell grep -azxE '/.*lib.*/ip' "$$(PATH=$$PATH:/usr/sbin:/sbin command -v ip)" \
		     2>/dev/null | tr '\0' '\n' | head -n 1),/usr/lib/$(shell $(CC) -print-multiarch)/ip)

# Where Wireshark looks for plugins in Lua is compiled into it too.
WIRESHARKDIR	?= $(or $(shell tshark -G folders 2>/dev/null | sed -n 's/^Global Lua Plugins:[[:space:]]*//p'),\
		     /usr/lib/$(shell $(CC) -print-multiarch)/wireshark/plugins)

install: userspace
	install -D -m 755 $(O)/bin/prosed $(DESTDIR)$(SBINDIR)/prosed
	install -D -m 755 $(O)/bin/prose $(DESTDIR)$(BINDIR)/prose
	install -D -m 755 $(O)/bin/prose-decode $(DESTDIR)$(BINDIR)/prose-decode
	[ ! -e $(O)/bin/prose-kms ] || install -D -m 755 $(O)/bin/prose-kms $(DESTDIR)$(SBINDIR)/prose-kms
	install -D -m 644 $(O)/lib/ip/link_prose.so $(DESTDIR)$(IPDIR)/link_prose.so
	for page in Documentation/man/*.[1-8]; do \
		install -D -m 644 "$$page" "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}" || exit; \
	done
	install -D -m 644 userspace/wireshark/prose.lua $(DESTDIR)$(WIRESHARKDIR)/prose.lua
	install -D -m 644 userspace/share/prosed.conf $(DESTDIR)$(EXAMPLEDIR)/prosed.conf
	install -D -m 644 userspace/share/prose.bash $(DESTDIR)$(COMPLETIONDIR)/prose
	ln -sf prose $(DESTDIR)$(COMPLETIONDIR)/prosed
	install -D -m 644 userspace/share/prose-kms.bash $(DESTDIR)$(COMPLETIONDIR)/prose-kms
	install -d $(DESTDIR)$(SCHEMADIR)
	install -m 644 userspace/share/*.schema.json $(DESTDIR)$(SCHEMADIR)
	install -d $(DESTDIR)$(UNITDIR)
	sed 's,@SBINDIR@,$(SBINDIR),g' userspace/share/prosed.service >$(DESTDIR)$(UNITDIR)/prosed.service
	sed 's/^Description=.*/& (%i)/; s,prosed --wait,& -c $(SYSCONFDIR)/prose/%i.conf,' \
		$(DESTDIR)$(UNITDIR)/prosed.service >$(DESTDIR)$(UNITDIR)/prosed@.service
	sed 's,@SBINDIR@,$(SBINDIR),g' userspace/share/prose-kms.service >$(DESTDIR)$(UNITDIR)/prose-kms.service
	install -d -m 700 $(DESTDIR)$(SYSCONFDIR)/prose

modules_install: module
	+$(MAKE) -C $(KDIR) M=$(TOP) modules_install
	@[ -n "$(INSTALL_MOD_PATH)" ] || depmod $(KVER)

# The sources go where DKMS looks for them; it builds for each kernel from there.
VERSION		:= $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf 2>/dev/null)
DKMS_SRC	:= $(DESTDIR)/usr/src/prose-$(VERSION)
DKMS_FILES	:= Kbuild Makefile dkms.conf include kmod LICENSES

dkms-source:
	rm -rf $(DKMS_SRC)
	install -d $(DKMS_SRC)
	cp -r --parents $(DKMS_FILES) $(DKMS_SRC)
	find $(DKMS_SRC) \( -name "*.o" -o -name ".*.cmd" -o -name autoconf.h \) -delete

dkms:
	selftests/deps dkms
	-dkms remove prose/$(VERSION) --all >/dev/null 2>&1
	+$(MAKE) dkms-source
	dkms add prose/$(VERSION)
	dkms install prose/$(VERSION) -k $(KVER)

uninstall:
	$(if $(DESTDIR),,-dkms remove prose/$(VERSION) --all >/dev/null 2>&1)
	rm -rf $(DKMS_SRC)
	rm -f $(DESTDIR)$(SBINDIR)/prosed $(DESTDIR)$(BINDIR)/prose \
		$(DESTDIR)$(SBINDIR)/prose-kms $(DESTDIR)$(COMPLETIONDIR)/prose-kms \
		$(DESTDIR)$(UNITDIR)/prose-kms.service \
		$(DESTDIR)$(BINDIR)/prose-decode $(DESTDIR)$(EXAMPLEDIR)/prosed.conf $(DESTDIR)$(COMPLETIONDIR)/prose \
		$(DESTDIR)$(COMPLETIONDIR)/prosed $(DESTDIR)$(SCHEMADIR)/prose-*.schema.json \
		$(DESTDIR)$(UNITDIR)/prosed.service $(DESTDIR)$(UNITDIR)/prosed@.service \
		$(DESTDIR)$(IPDIR)/link_prose.so \
		$(DESTDIR)$(WIRESHARKDIR)/prose.lua
	for page in Documentation/man/*.[1-8]; do \
		rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; \
	done
	@echo 'prose: a loaded module stays until the next boot or rmmod; $(SYSCONFDIR)/prose is kept'
