// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "format.h"

static const char *scaled(double value, const char *suffix, char *buffer, size_t len)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t i;

	if (value < 1024) {
		snprintf(buffer, len, "%.0f B%s", value, suffix);
		return buffer;
	}
	value /= 1024;
	/* 1023.95 would be printed as 1024.0. */
	for (i = 0; value >= 1023.95 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
		value /= 1024;
	snprintf(buffer, len, "%.1f %s%s", value, units[i], suffix);
	return buffer;
}

const char *format_octets(json_int_t octets, char *buffer, size_t len)
{
	return scaled(octets < 0 ? 0 : (double)octets, "", buffer, len);
}

const char *format_rate(double octets_per_second, char *buffer, size_t len)
{
	return scaled(octets_per_second > 0 ? octets_per_second : 0, "/s", buffer, len);
}

const char *format_age(json_int_t seconds, char *buffer, size_t len)
{
	static const struct {
		json_int_t seconds;
		const char *name;
	} units[] = {
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" },
	};
	size_t i, at = 0, shown = 0;

	buffer[0] = '\0';
	if (seconds < 0)
		seconds = 0;
	for (i = 0; i < 4 && shown < 2; i++) {
		json_int_t n = seconds / units[i].seconds;

		if (!n && !(i == 3 && !shown))
			continue;
		at += (size_t)snprintf(buffer + at, at < len ? len - at : 0, "%s%lld %s%s",
				       shown ? ", " : "", (long long)n, units[i].name,
				       n == 1 ? "" : "s");
		seconds -= n * units[i].seconds;
		shown++;
	}
	return buffer;
}

const char *format_age_short(json_int_t seconds, char *buffer, size_t len)
{
	long long s = seconds < 0 ? 0 : (long long)seconds;

	if (s < 60)
		snprintf(buffer, len, "%llds", s);
	else if (s < 600)
		snprintf(buffer, len, "%lldm%02llds", s / 60, s % 60);
	else if (s < 3600)
		snprintf(buffer, len, "%lldm", s / 60);
	else if (s < 36000)
		snprintf(buffer, len, "%lldh%02lldm", s / 3600, s / 60 % 60);
	else if (s < 86400)
		snprintf(buffer, len, "%lldh", s / 3600);
	else if (s / 86400 < 10000)
		snprintf(buffer, len, "%lldd", s / 86400);
	else
		snprintf(buffer, len, ">27y");
	return buffer;
}

const char *format_algorithm(const char *name)
{
	static const struct {
		const char *name, *full;
	} table[] = {
		{ "eea0", "EEA0 (not ciphered)" }, { "eea1", "128-EEA1 (SNOW 3G)" },
		{ "eea2", "128-EEA2 (AES)" }, { "eea3", "128-EEA3 (ZUC)" },
		{ "eia1", "128-EIA1 (SNOW 3G)" }, { "eia2", "128-EIA2 (AES)" },
		{ "eia3", "128-EIA3 (ZUC)" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return table[i].full;
	return name;
}

time_t format_utc(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? timegm(&tm) : -1;
}

const char *format_sparkline(const double *values, size_t n, double max, bool utf8, char *buffer,
			     size_t len)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
	const char *const *levels = utf8 ? blocks : ascii;
	size_t i, at = 0;
	int level;

	buffer[0] = '\0';
	if (!(max > 0)) {
		max = 0;
		for (i = 0; i < n; i++)
			if (values[i] > max)
				max = values[i];
	}
	for (i = 0; i < n; i++) {
		if (!(values[i] > 0) || !(max > 0))
			level = 0;
		else if (values[i] >= max)
			level = 8;
		else
			level = 1 + (int)(values[i] / max * 7.999);
		at += (size_t)snprintf(buffer + at, at < len ? len - at : 0, "%s", levels[level]);
		if (at >= len)
			break;
	}
	return buffer;
}

/*
 * The character at @text, its octets in *size; 0xfffd and one octet when there is no
 * well-formed one (RFC 3629). The terminating 0 ends every sequence.
 */
static uint32_t decode(const unsigned char *text, size_t *size)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t value;
	size_t n, i;

	*size = 1;
	if (text[0] < 0x80)
		return text[0];
	n = (text[0] & 0xe0) == 0xc0 ? 2 : (text[0] & 0xf0) == 0xe0 ? 3 :
	    (text[0] & 0xf8) == 0xf0 ? 4 : 0;
	if (!n)
		return 0xfffd;
	value = text[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0xfffd;
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0xfffd;
	*size = n;
	return value;
}

static bool harmless(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} no[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f },		/* C0, DEL, C1 */
		{ 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
		{ 0x200b, 0x200f }, { 0x2028, 0x202e },	/* no width; lines; directions */
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xffff },
		{ 0xe0000, 0xe0fff },			/* tags, which nobody sees */
	};
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (c >= no[i].first && c <= no[i].last)
			return false;
	return true;
}

void format_clean(char *text, bool utf8)
{
	unsigned char *from = (unsigned char *)text, *to = from;
	size_t size;
	uint32_t c;

	for (; *from; from += size) {
		c = decode(from, &size);
		if (harmless(c) && (utf8 || c < 0x80)) {
			memmove(to, from, size);
			to += size;
		} else {
			*to++ = '?';
		}
	}
	*to = '\0';
}

void format_clean_json(json_t *json, bool utf8)
{
	const char *name;
	json_t *value;
	char *text;
	size_t i;

	switch (json_typeof(json)) {
	case JSON_OBJECT:
		json_object_foreach(json, name, value)
			format_clean_json(value, utf8);
		break;
	case JSON_ARRAY:
		json_array_foreach(json, i, value)
			format_clean_json(value, utf8);
		break;
	case JSON_STRING:
		/* Without memory no text is better than a dangerous one. */
		text = strdup(json_string_value(json));
		if (text)
			format_clean(text, utf8);
		json_string_set(json, text ? text : "");
		free(text);
		break;
	default:
		break;
	}
}

/* Columns of the character at @text in the locale, its octets in *size. */
static size_t character(const char *text, size_t *size)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t n = mbrtowc(&wide, text, strlen(text), &state);
	int columns;

	if (n == (size_t)-1 || n == (size_t)-2 || !n) {
		*size = 1;
		return 1;
	}
	*size = n;
	columns = wcwidth(wide);
	return columns < 0 ? 1 : (size_t)columns;
}

size_t format_columns(const char *text)
{
	size_t columns = 0, size;

	for (; *text; text += size)
		columns += character(text, &size);
	return columns;
}

const char *format_fit(const char *text, size_t columns, bool utf8, char *buffer, size_t len,
		       bool pad)
{
	const char *ellipsis = utf8 ? "…" : "~";
	size_t at = 0, used = 0, size, wide;
	bool cut = format_columns(text) > columns;

	for (; *text && used < columns; text += size) {
		wide = character(text, &size);
		if (used + wide > columns - cut || at + size + 4 > len)
			break;
		memcpy(buffer + at, text, size);
		at += size;
		used += wide;
	}
	if (cut && columns && at + 4 <= len) {
		memcpy(buffer + at, ellipsis, strlen(ellipsis));
		at += strlen(ellipsis);
		used++;
	}
	while (pad && used < columns && at + 1 < len) {
		buffer[at++] = ' ';
		used++;
	}
	buffer[at] = '\0';
	return buffer;
}
