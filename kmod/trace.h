/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM prose

#if !defined(_PROSE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PROSE_TRACE_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(prose_frame,
		    TP_PROTO(const struct net_device *dev, u32 l2_id, u16 kd_sess_id, u8 lcid,
			     u32 count, unsigned int len),
		    TP_ARGS(dev, l2_id, kd_sess_id, lcid, count, len),
		    TP_STRUCT__entry(__array(char, name, IFNAMSIZ)
				     __field(u32, l2_id)
				     __field(u32, count)
				     __field(unsigned int, len)
				     __field(u16, kd_sess_id)
				     __field(u8, lcid)
		    ),
		    TP_fast_assign(strscpy(__entry->name, dev->name, IFNAMSIZ);
				   __entry->l2_id = l2_id;
				   __entry->count = count;
				   __entry->len = len;
				   __entry->kd_sess_id = kd_sess_id;
				   __entry->lcid = lcid;
		    ),
		    TP_printk("dev=%s peer=%06x kd_sess_id=%04x lcid=%u count=%08x len=%u",
			      __entry->name, __entry->l2_id, __entry->kd_sess_id, __entry->lcid,
			      __entry->count, __entry->len)
);

/* An SDU went to the lower device. */
DEFINE_EVENT(prose_frame, prose_tx,
	     TP_PROTO(const struct net_device *dev, u32 l2_id, u16 kd_sess_id, u8 lcid, u32 count,
		      unsigned int len),
	     TP_ARGS(dev, l2_id, kd_sess_id, lcid, count, len)
);

/* An SDU passed every check of the security layer. */
DEFINE_EVENT(prose_frame, prose_rx,
	     TP_PROTO(const struct net_device *dev, u32 l2_id, u16 kd_sess_id, u8 lcid, u32 count,
		      unsigned int len),
	     TP_ARGS(dev, l2_id, kd_sess_id, lcid, count, len)
);

/* A packet was dropped; reason is the name of the counter that went up. */
TRACE_EVENT(prose_drop,
	    TP_PROTO(const struct net_device *dev, const char *reason, unsigned int len),
	    TP_ARGS(dev, reason, len),
	    TP_STRUCT__entry(__array(char, name, IFNAMSIZ)
			     __array(char, reason, ETH_GSTRING_LEN)
			     __field(unsigned int, len)
	    ),
	    TP_fast_assign(strscpy(__entry->name, dev ? dev->name : "", IFNAMSIZ);
			   strscpy(__entry->reason, reason, ETH_GSTRING_LEN);
			   __entry->len = len;
	    ),
	    TP_printk("dev=%s reason=%s len=%u", __entry->name, __entry->reason, __entry->len)
);

#endif /* _PROSE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
