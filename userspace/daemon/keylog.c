// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "keylog.h"

int keylog_open(const char *path, char *why, size_t why_len)
{
	struct stat st;
	int fd;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd < 0) {
		snprintf(why, why_len, "%s: the key log cannot be opened: %s", path,
			 errno == ELOOP ? "it is a symbolic link" : strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
		snprintf(why, why_len, "%s: the key log must be a regular file of user %u",
			 path, (unsigned int)geteuid());
		close(fd);
		return -1;
	}
	if (st.st_mode & 077) {
		snprintf(why, why_len,
			 "%s: others may read the key log; chmod 600 it, or remove it", path);
		close(fd);
		return -1;
	}
	return fd;
}

int keylog_write(int fd, const struct ue_key_log *entry)
{
	static const char hex[] = "0123456789abcdef";
	char line[160];
	ssize_t written;
	int len, err = 0;
	size_t i;

	len = snprintf(line, sizeof(line), "PROSE_SESSION %06x %06x %04x %u %u %d %s ",
		       entry->ue_1_l2_id, entry->ue_2_l2_id, entry->kd_sess_id,
		       entry->eea, entry->eia, entry->up_integrity,
		       entry->count_profile == UE_COUNT_HFN ? "hfn" : "sess-id");
	for (i = 0; i < sizeof(entry->kd_sess); i++) {
		line[len++] = hex[entry->kd_sess[i] >> 4];
		line[len++] = hex[entry->kd_sess[i] & 0xf];
	}
	line[len++] = '\n';
	written = write(fd, line, (size_t)len);
	if (written < 0)
		err = -errno;
	else if (written != len)
		err = -ENOSPC;
	OPENSSL_cleanse(line, sizeof(line));
	return err;
}
