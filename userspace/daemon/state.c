// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon.h"
#include "state.h"
#include "text.h"

#define STATE_VERSION	1

/* Times of the monotonic clock mean something within one boot only. */
static void boot_id(char id[static 40])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	id[0] = '\0';
	if (!file)
		return;
	if (!fgets(id, 40, file))
		id[0] = '\0';
	id[strcspn(id, "\n")] = '\0';
	fclose(file);
}

static json_t *hex_json(const uint8_t *octets, size_t len)
{
	char text[2 * KEYING_EVIDENCE_MAX + 1] = "";
	size_t i;

	for (i = 0; i < len && 2 * i + 2 < sizeof(text); i++)
		snprintf(text + 2 * i, 3, "%02x", octets[i]);
	return json_string(text);
}

static bool hex_octets(const char *text, uint8_t *octets, size_t len)
{
	unsigned int value;
	size_t i;

	if (!text || strlen(text) != 2 * len || strspn(text, "0123456789abcdef") != 2 * len)
		return false;
	for (i = 0; i < len; i++) {
		if (sscanf(text + 2 * i, "%2x", &value) != 1)
			return false;
		octets[i] = (uint8_t)value;
	}
	return true;
}

static json_t *addresses_json(const struct ue_address *addresses, size_t n)
{
	char text[TEXT_ADDRESS_LEN];
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, json_string(text_address(&addresses[i], text)));
	return list;
}

static json_t *expressions_json(const struct ue_expressions *expressions)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < expressions->n; i++)
		json_array_append_new(list, show_text(expressions->name[i]));
	return list;
}

static json_t *link_json(const struct state_link *link)
{
	const struct ue_link_info *info = &link->info;
	char l2_id[TEXT_L2_ID_LEN], own[TEXT_L2_ID_LEN];

	json_t *json;

	json = json_pack("{s:s, s:o, s:b, s:o, s:o, s:I, s:I, s:i, s:i, s:b, s:o, s:o, s:o, s:b, s:o, "
			 "s:I, s:i, s:o, s:o, s:o}",
			 "layer2_id", text_l2_id(info->l2_id, l2_id),
			 "identity", show_text(info->identity),
			 "authenticated", info->authenticated,
			 "method", show_text(info->method),
			 "detail", show_text(info->detail),
			 "connected_ms", (json_int_t)info->connected_ms,
			 "rekeyed_ms", (json_int_t)info->rekeyed_ms,
			 "rekeys", (int)info->rekeys,
			 "kd_rekeys", (int)info->kd_rekeys,
			 "has_connection_ids", info->has_connection_ids,
			 "local_connection_id", hex_json(info->local_connection_id,
							 UE_CONNECTION_ID_LEN),
			 "remote_connection_id", hex_json(info->remote_connection_id,
							  UE_CONNECTION_ID_LEN),
			 "addresses", addresses_json(info->addresses, info->n_addresses),
			 "held", link->held,
			 "failure", show_text(info->failure),
			 "kd_id", (json_int_t)info->kd_id,
			 "kd_sess_id", (int)info->kd_sess_id,
			 "evidence", hex_json(info->evidence, info->evidence_len),
			 "expressions", expressions_json(&info->expressions),
			 "announced", expressions_json(&info->announced));
	if (info->own_l2_id)
		json_object_set_new(json, "own_layer2_id",
				    json_string(text_l2_id(info->own_l2_id, own)));
	return json;
}

static bool copy_text(char *to, size_t size, const char *from)
{
	if (!from || strlen(from) >= size)
		return false;
	memcpy(to, from, strlen(from) + 1);
	return true;
}

/* An older prosed kept none. */
static bool expressions_take(const json_t *list, struct ue_expressions *expressions)
{
	const json_t *name;
	size_t i;

	if (!list)
		return true;
	if (!json_is_array(list) || json_array_size(list) > PROSE_EXPRESSIONS_MAX)
		return false;
	json_array_foreach(list, i, name)
		if (!copy_text(expressions->name[i], sizeof(expressions->name[i]),
			       json_string_value(name)))
			return false;
	expressions->n = json_array_size(list);
	return true;
}

static bool link_take(const json_t *json, struct state_link *link)
{
	const char *l2_id, *identity, *method, *detail, *local, *remote, *failure;
	const char *evidence = "", *own = NULL;	/* an older prosed kept none */
	int authenticated, rekeys, kd_rekeys, has_ids, held, kd_sess_id = 0;
	struct ue_link_info *info = &link->info;
	json_int_t connected, rekeyed, kd_id = 0;
	json_t *addresses, *address, *expressions = NULL, *announced = NULL;
	size_t i;

	if (json_unpack((json_t *)json, "{s:s, s:s, s:b, s:s, s:s, s:I, s:I, s:i, s:i, s:b, s:s, "
			"s:s, s:o, s:b, s:s, s?I, s?i, s?s, s?o, s?o, s?s}",
			"layer2_id", &l2_id, "identity", &identity, "authenticated", &authenticated,
			"method", &method, "detail", &detail, "connected_ms", &connected,
			"rekeyed_ms", &rekeyed, "rekeys", &rekeys, "kd_rekeys", &kd_rekeys,
			"has_connection_ids", &has_ids, "local_connection_id", &local,
			"remote_connection_id", &remote, "addresses", &addresses, "held", &held,
			"failure", &failure, "kd_id", &kd_id, "kd_sess_id", &kd_sess_id,
			"evidence", &evidence, "expressions", &expressions,
			"announced", &announced, "own_layer2_id", &own))
		return false;
	info->evidence_len = strlen(evidence) / 2;
	if (!text_to_l2_id(l2_id, &info->l2_id) || (own && !text_to_l2_id(own, &info->own_l2_id)) ||
	    !copy_text(info->identity, sizeof(info->identity), identity) ||
	    !copy_text(info->method, sizeof(info->method), method) ||
	    !copy_text(info->detail, sizeof(info->detail), detail) ||
	    !copy_text(info->failure, sizeof(info->failure), failure) ||
	    info->evidence_len > sizeof(info->evidence) ||
	    !hex_octets(evidence, info->evidence, info->evidence_len) ||
	    !expressions_take(expressions, &info->expressions) ||
	    !expressions_take(announced, &info->announced) ||
	    !hex_octets(local, info->local_connection_id, UE_CONNECTION_ID_LEN) ||
	    !hex_octets(remote, info->remote_connection_id, UE_CONNECTION_ID_LEN) ||
	    kd_id < 0 || kd_id > UINT32_MAX || kd_sess_id < 0 || kd_sess_id > UINT16_MAX ||
	    connected < 0 || rekeyed < 0 || rekeys < 0 || kd_rekeys < 0 ||
	    !json_is_array(addresses) || json_array_size(addresses) > UE_ADDRESSES_MAX)
		return false;
	json_array_foreach(addresses, i, address) {
		if (!json_is_string(address) ||
		    !text_to_address(json_string_value(address), &info->addresses[i], NULL))
			return false;
	}
	info->n_addresses = json_array_size(addresses);
	info->authenticated = authenticated;
	info->connected_ms = (uint64_t)connected;
	info->rekeyed_ms = (uint64_t)rekeyed;
	info->rekeys = (uint32_t)rekeys;
	info->kd_rekeys = (uint32_t)kd_rekeys;
	info->has_connection_ids = has_ids;
	info->kd_id = (uint32_t)kd_id;
	info->kd_sess_id = (uint16_t)kd_sess_id;
	link->held = held;
	return true;
}

static bool take_added(const json_t *list, struct state *state)
{
	const json_t *entry;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > NETIF_ADDED_MAX)
		return false;
	json_array_foreach(list, i, entry) {
		struct config_address *own = &state->added[state->n_added];

		if (!json_is_string(entry) ||
		    !text_to_address(json_string_value(entry), &own->address, &own->prefix))
			return false;
		state->n_added++;
	}
	return true;
}

static int take(const json_t *root, const char *device, struct state *state, char *why, size_t why_len)
{
	const char *of_device, *of_boot;
	const json_t *added, *links, *link;
	char boot[40];
	int version, created;
	size_t i;

	if (json_unpack((json_t *)root, "{s:i, s:s, s:s, s:b, s:o, s:o}", "version", &version,
			"boot_id", &of_boot, "device", &of_device, "device_created", &created,
			"addresses_added", &added, "links", &links) ||
	    version != STATE_VERSION || !json_is_array(links)) {
		snprintf(why, why_len, "it has not the form of this version");
		return -1;
	}
	boot_id(boot);
	if (strcmp(boot, of_boot))
		return 0;
	if (strcmp(device, of_device)) {
		snprintf(why, why_len, "it is about device %s; name another file with state =",
			 of_device);
		return -1;
	}
	state->device_created = created;
	state->links = calloc(json_array_size(links) + 1, sizeof(*state->links));
	if (!state->links || !take_added(added, state)) {
		snprintf(why, why_len, "its addresses cannot be understood");
		return -1;
	}
	json_array_foreach(links, i, link) {
		if (!link_take(link, &state->links[state->n_links])) {
			snprintf(why, why_len, "its link %zu cannot be understood", i + 1);
			return -1;
		}
		state->n_links++;
	}
	return 1;
}

int state_load(const char *path, const char *device, struct state *state,
	       char *why, size_t why_len)
{
	char reason[256] = "";
	json_error_t error;
	struct stat st;
	json_t *root;
	int fd, rc;

	memset(state, 0, sizeof(*state));
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		snprintf(why, why_len, "%s: %s", path, strerror(errno));
		return -1;
	}
	/* Identities in it are believed: nobody else may have written it. */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022) {
		snprintf(why, why_len, "%s: not used: others could have written it", path);
		close(fd);
		return -1;
	}
	root = json_loadfd(fd, 0, &error);
	close(fd);
	if (!root) {
		snprintf(why, why_len, "%s:%d: %s", path, error.line, error.text);
		return -1;
	}
	rc = take(root, device, state, reason, sizeof(reason));
	json_decref(root);
	if (rc < 0)
		snprintf(why, why_len, "%s: %s", path, reason);
	if (rc <= 0)
		state_free(state);
	return rc;
}

static json_t *state_json(const char *device, const struct state *state)
{
	json_t *links = json_array(), *added = json_array();
	char boot[40], text[TEXT_ADDRESS_LEN + 8], host[TEXT_ADDRESS_LEN];
	size_t i;

	boot_id(boot);
	for (i = 0; i < state->n_links; i++)
		json_array_append_new(links, link_json(&state->links[i]));
	for (i = 0; i < state->n_added; i++) {
		snprintf(text, sizeof(text), "%s/%u",
			 text_address(&state->added[i].address, host), state->added[i].prefix);
		json_array_append_new(added, json_string(text));
	}
	return json_pack("{s:i, s:s, s:s, s:b, s:o, s:o}", "version", STATE_VERSION,
			 "boot_id", boot, "device", device, "device_created",
			 state->device_created, "addresses_added", added, "links", links);
}

int state_save(const char *path, const char *device, const struct state *state,
	       char *why, size_t why_len)
{
	json_t *root = state_json(device, state);
	char *beside = NULL, *folder = NULL;
	int fd = -1, dir = -1, rc = -1;
	FILE *file = NULL;

	if (!root || asprintf(&beside, "%s.new", path) < 0) {
		beside = NULL;
		errno = ENOMEM;
		goto out;
	}
	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	/* Buffered: json_dumpfd() calls write() for every word, and there may be hundreds of links. */
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file || json_dumpf(root, file, JSON_INDENT(1)) || fflush(file) || fsync(fd) ||
	    rename(beside, path))
		goto out;
	folder = strdup(path);
	dir = folder ? open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	/* A file system that cannot sync a folder has kept the name all the same. */
	if (dir >= 0)
		fsync(dir);
	rc = 0;
out:
	if (rc) {
		snprintf(why, why_len, "%s cannot be written: %s", path, strerror(errno));
		if (beside)
			unlink(beside);
	}
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	free(folder);
	free(beside);
	json_decref(root);
	return rc;
}

void state_free(struct state *state)
{
	free(state->links);
	memset(state, 0, sizeof(*state));
}
