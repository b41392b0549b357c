/* SPDX-License-Identifier: MIT */
#include <kshim/kernel.h>
