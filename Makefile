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

.PHONY: all module userspace sanitized tests demo check ci lint install uninstall \
	modules_install dkms clean help gen

all: module userspace

help:
	@echo 'Two commands do everything on Debian 12, as root; they install what they lack:'
	@echo '  make demo             two UEs in a virtual machine, one secured link, decoded'
	@echo '  make check            all tests; make check T=NAME runs one, T=list names them'
	@echo
	@echo 'Building:'
	@echo '  make                  module and programs'
	@echo '  make module           prose.ko for KVER=$(KVER)'
	@echo '  make userspace        prosed and prose, into out/bin'
	@echo '  make gen              uapi header and kernel policies from netlink/prose.yaml'
	@echo '  make lint             checkpatch, sparse, cppcheck, shellcheck'
	@echo '  make clean'
	@echo
	@echo 'Installing on a rig, as root:'
	@echo '  make install          programs, man pages, unit; DESTDIR and PREFIX are honoured'
	@echo '  make modules_install  prose.ko for KVER'
	@echo '  make dkms             prose.ko for every kernel, now and after upgrades'
	@echo '  make uninstall'
	@echo
	@echo 'Variables: KVER=VERSION KDIR=DIR O=DIR V=1 SANITIZE=1'

module:
	@if [ ! -e '$(KDIR)/Makefile' ]; then \
		echo "prose: no kernel headers at '$(KDIR)'." >&2; \
		echo "       Install them (apt-get install linux-headers-amd64, or selftests/deps build)," >&2; \
		echo "       or name them: make KVER=VERSION, make KDIR=DIRECTORY." >&2; exit 1; fi
	+$(MAKE) -C $(KDIR) M=$(TOP) modules

userspace:
	+$(MAKE) -f userspace/Makefile programs

tests: userspace
	+$(MAKE) -f userspace/Makefile tests

sanitized:
	+$(MAKE) -f userspace/Makefile O=$(O)/sanitized SANITIZE=1 programs tests

gen:
	netlink/gen

demo:
	selftests/deps demo
	+$(MAKE) module tests
	selftests/demo/demo

check:
	selftests/deps check
	selftests/check $(T)

lint:
	selftests/lint

clean:
	+-[ ! -e '$(KDIR)/Makefile' ] || $(MAKE) -C $(KDIR) M=$(TOP) clean
	rm -rf $(O)
