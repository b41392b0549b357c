// SPDX-License-Identifier: MIT
#include "file.h"
#include "sentence.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

static int read_open(const char *path, int fd, bool secret, struct keying_file *file,
		     char *why, size_t why_len)
{
	struct stat status;
	size_t size, len = 0;
	ssize_t got;
	char *data;

	if (fstat(fd, &status))
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return keying_sentence(why, why_len, "%s: is not a regular file", path);
	if (secret && (status.st_mode & 077))
		return keying_sentence(why, why_len,
				       "%s: holds a secret and others may use it (mode %04o); run chmod 600 on it",
				       path, (unsigned int)(status.st_mode & 07777));
	if (status.st_size > (off_t)KEYING_FILE_MAX)
		return keying_sentence(why, why_len, "%s: is larger than %u octets", path,
				       KEYING_FILE_MAX);
	size = (size_t)status.st_size;
	data = malloc(size + 1);
	if (!data)
		return keying_sentence(why, why_len, "%s: out of memory", path);
	while (len < size) {
		got = read(fd, data + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
			OPENSSL_cleanse(data, size + 1);
			free(data);
			return -1;
		}
		if (!got)
			break;
		len += (size_t)got;
	}
	data[len] = '\0';
	file->data = data;
	file->len = len;
	return 0;
}

int keying_file_read(const char *path, bool secret, struct keying_file *file,
		     char *why, size_t why_len)
{
	int fd, ret;

	*file = (struct keying_file){ 0 };
	/* Not blocking: the name may be a FIFO. Rights are taken from what was opened. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	ret = read_open(path, fd, secret, file, why, why_len);
	close(fd);
	return ret;
}

void keying_file_free(struct keying_file *file)
{
	if (file->data) {
		OPENSSL_cleanse(file->data, file->len);
		free(file->data);
	}
	*file = (struct keying_file){ 0 };
}

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t put;

	while (len) {
		put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

/* Make a new name last: the directory is what holds it. */
static int sync_directory(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd, ret;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		strcpy(dir, ".");
	else if (slash == dir)
		dir[1] = '\0';
	else
		*slash = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = fsync(fd);
	/* Some file systems cannot sync a directory; then there is nothing to be done. */
	if (ret && (errno == EINVAL || errno == ENOTSUP))
		ret = 0;
	close(fd);
	return ret;
}

static int put_in_place(const char *temporary, const char *path, bool replace)
{
	if (replace)
		return rename(temporary, path);
	if (!renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* This file system has no exclusive rename; a hard link is exclusive as well. */
	if (link(temporary, path))
		return -1;
	unlink(temporary);
	return 0;
}

int keying_file_write(const char *path, const void *data, size_t len, mode_t mode,
		      bool replace, char *why, size_t why_len)
{
	char temporary[PATH_MAX];
	int fd, n, error;

	n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return keying_sentence(why, why_len, "%s: the name is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	if (fchmod(fd, mode) || write_all(fd, data, len) || fsync(fd)) {
		error = errno;
		close(fd);
	} else if (close(fd) || put_in_place(temporary, path, replace)) {
		error = errno;
	} else if (sync_directory(path)) {
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	} else {
		return 0;
	}
	unlink(temporary);
	if (error == EEXIST)
		return keying_sentence(why, why_len, "%s: exists and is not overwritten", path);
	return keying_sentence(why, why_len, "%s: %s", path, strerror(error));
}

int keying_file_lock(const char *path, int flags, char *why, size_t why_len)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return keying_sentence(why, why_len, "%s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		keying_sentence(why, why_len, "%s: cannot be locked: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}
