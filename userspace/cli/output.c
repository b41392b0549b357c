// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "daemon/text.h"

bool output_colour(FILE *to)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(to)) && !(none && none[0]) && term && strcmp(term, "dumb");
}

const char *output_bold(FILE *to)
{
	return output_colour(to) ? "\033[1m" : "";
}

const char *output_good(FILE *to)
{
	return output_colour(to) ? "\033[1;32m" : "";
}

const char *output_bad(FILE *to)
{
	return output_colour(to) ? "\033[1;31m" : "";
}

const char *output_dim(FILE *to)
{
	return output_colour(to) ? "\033[2m" : "";
}

const char *output_plain(FILE *to)
{
	return output_colour(to) ? "\033[0m" : "";
}

const char *output_octets(json_int_t octets, char *buffer, size_t len)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)octets;
	size_t i;

	if (octets < 1024) {
		snprintf(buffer, len, "%lld B", (long long)octets);
		return buffer;
	}
	value /= 1024;
	for (i = 0; value >= 1024 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
		value /= 1024;
	snprintf(buffer, len, "%.1f %s", value, units[i]);
	return buffer;
}

const char *output_age(json_int_t seconds, char *buffer, size_t len)
{
	static const struct {
		json_int_t seconds;
		const char *name;
	} units[] = {
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" },
	};
	size_t i, at = 0, shown = 0;

	buffer[0] = '\0';
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

const char *output_algorithm(const char *name)
{
	static const struct {
		const char *name, *full;
	} table[] = {
		{ "eea0", "EEA0 (not ciphered)" }, { "eea1", "128-EEA1" }, { "eea2", "128-EEA2" },
		{ "eea3", "128-EEA3" }, { "eia1", "128-EIA1" }, { "eia2", "128-EIA2" },
		{ "eia3", "128-EIA3" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return table[i].full;
	return name;
}

const char *output_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

bool cli_peer_matches(const json_t *peer, const char *wanted)
{
	const char *identity = output_text(peer, "identity"), *id = output_text(peer, "layer2_id");
	size_t len = strlen(identity), tail = strlen(wanted);
	uint32_t wanted_id, peer_id;

	if (!strcmp(identity, wanted))
		return true;
	if (tail && len > tail && !strcmp(identity + len - tail, wanted) &&
	    (identity[len - tail - 1] == ':' || identity[len - tail - 1] == '/'))
		return true;
	return text_to_l2_id(wanted, &wanted_id) && text_to_l2_id(id, &peer_id) &&
	       wanted_id == peer_id;
}
