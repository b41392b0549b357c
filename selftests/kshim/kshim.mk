# SPDX-License-Identifier: MIT
#
# The module's sources compiled for userspace over the shim of the kernel, unchanged, as a
# library. Included by userspace/Makefile.
#
#   LIBKMOD		kmod/ but for netlink and the device's registration, and the shim
#   KSHIM_CFLAGS	for what includes headers of either

kshim_src	:= $(filter-out %/aes.c %/streams.c,$(wildcard $(TOP)/selftests/kshim/*.c))
kshim_kmod_src	:= $(addprefix $(TOP)/kmod/,assoc.c peer.c endpoint.c algs.c pdcp.c replay.c \
		   stats.c receive.c transmit.c parallel.c carrier.c carrier_link.c signal.c)

# The algorithms themselves: OpenSSL's, and those of the module that are pure.
kshim_alg_src	:= $(addprefix $(TOP)/selftests/kshim/,aes.c streams.c) $(streams_src)

kshim_obj	= $(patsubst $(TOP)/%.c,$(O)/obj/kshim/%.o,$(1))
LIBKMOD		:= $(O)/lib/libprose-kmod.a

# The kernel's flags of warnings, not those of programs. An IP packet starts at octet 27 of its
# frame: on machines that read unaligned words, for which the kernel is built so, no defect.
KSHIM_CFLAGS	= $(CFLAGS) -std=gnu17 -D_GNU_SOURCE -D__KERNEL__ -Wall -Werror \
		  -Wmissing-prototypes -Wstrict-prototypes -fno-strict-aliasing -fPIE \
		  $(filter -O0 --coverage -fsanitize% -fno-sanitize% -fno-omit-frame-pointer,\
		  $(CFLAGS_ALL)) $(if $(filter -fsanitize%,$(CFLAGS_ALL)),-fno-sanitize=alignment) \
		  $(KSHIM_INCLUDES)
KSHIM_INCLUDES	:= -I$(TOP)/selftests/kshim/include -I$(TOP)/selftests/kunit/include \
		   -I$(TOP)/selftests/kshim -I$(TOP)/include/uapi -I$(TOP)/kmod \
		   -include $(TOP)/selftests/kshim/autoconf.h -include $(TOP)/kmod/compat/compat.h

$(O)/obj/kshim/%.o: $(TOP)/%.c $(TOP)/selftests/kshim/kshim.mk
	@mkdir -p $(@D)
	@echo "  CC      $*.c (kshim)"
	$(Q)$(CC) $(KSHIM_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBKMOD): $(call kshim_obj,$(kshim_src) $(kshim_kmod_src)) $(call obj,$(kshim_alg_src))
	$(archive)

# The fuzzer of the packet path, see selftests/fuzz.
$(O)/obj/selftests/fuzz/receive.o: CFLAGS_ALL += -D__KERNEL__ -Wno-unused-parameter \
	-Wno-sign-compare -Wno-missing-field-initializers -Wno-shadow -fno-sanitize=alignment $(KSHIM_INCLUDES)
$(O)/selftests/fuzz/receive: $(LIBKMOD)
