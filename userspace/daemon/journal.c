// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal.h"

#define MESSAGE_MAX	4096

static bool put(uint8_t **at, const uint8_t *end, const void *octets, size_t len)
{
	if ((size_t)(end - *at) < len)
		return false;
	memcpy(*at, octets, len);
	*at += len;
	return true;
}

/*
 * NAME=value on a line; a value with a line feed, which would begin a field of somebody else's
 * choice, goes with its length instead: NAME, line feed, 64 bits little-endian, value.
 */
static bool put_field(uint8_t **at, const uint8_t *end, const struct journal_field *field)
{
	size_t len = strlen(field->value), i;
	uint8_t size[8];

	if (!put(at, end, field->name, strlen(field->name)))
		return false;
	if (!memchr(field->value, '\n', len))
		return put(at, end, "=", 1) && put(at, end, field->value, len) &&
		       put(at, end, "\n", 1);
	for (i = 0; i < sizeof(size); i++)
		size[i] = (uint8_t)((uint64_t)len >> (8 * i));
	return put(at, end, "\n", 1) && put(at, end, size, sizeof(size)) &&
	       put(at, end, field->value, len) && put(at, end, "\n", 1);
}

size_t journal_encode(const struct journal_field *fields, void *buffer, size_t len)
{
	uint8_t *at = buffer;
	const uint8_t *end = at + len;

	for (; fields->name; fields++)
		if (fields->value && !put_field(&at, end, fields))
			return 0;
	return (size_t)(at - (uint8_t *)buffer);
}

int journal_open(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

bool journal_send(int fd, const struct journal_field *fields)
{
	uint8_t message[MESSAGE_MAX];
	size_t len = journal_encode(fields, message, sizeof(message));
	ssize_t sent;

	if (!len)
		return false;
	/* A journal that is slow must not stop the handshakes. */
	do {
		sent = send(fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)len;
}
