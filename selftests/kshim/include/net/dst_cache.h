/* SPDX-License-Identifier: MIT */
#include <kshim/net.h>
