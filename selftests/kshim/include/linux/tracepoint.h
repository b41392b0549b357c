/* SPDX-License-Identifier: MIT */
/* Tracepoints are functions that do nothing; what they are given is evaluated. */
#ifndef _KSHIM_TRACEPOINT_H
#define _KSHIM_TRACEPOINT_H

#include <kshim/kernel.h>

#define TP_PROTO(...)	__VA_ARGS__

#define DECLARE_EVENT_CLASS(name, ...)
#define KSHIM_TRACE(name, proto) \
	static inline __attribute__((unused)) void trace_##name(proto) { }
#define DEFINE_EVENT(class, name, proto, args)	KSHIM_TRACE(name, KSHIM_UNWRAP(proto))
#define TRACE_EVENT(name, proto, ...)		KSHIM_TRACE(name, KSHIM_UNWRAP(proto))
#define KSHIM_UNWRAP(...)	__VA_ARGS__

#endif /* _KSHIM_TRACEPOINT_H */
