// SPDX-License-Identifier: MIT
/* prose mikey show: any MIKEY message, in words or as JSON. Nothing of it is verified. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../format.h"
#include "keying/sentence.h"
#include "mikey.h"
#include "mikey/mikey.h"

/* A number with its name where it has one: two members. */
static void set(json_t *object, const char *member, uint8_t number, const char *name)
{
	char name_member[32];

	json_object_set_new(object, member, json_integer(number));
	if (!name)
		return;
	snprintf(name_member, sizeof(name_member), "%s_name", member);
	json_object_set_new(object, name_member, json_string(name));
}

static void set_octets(json_t *object, const char *member, const struct mikey_octets *octets)
{
	char *hex = mikey_hex(octets);

	json_object_set_new(object, member, json_string(hex ? hex : ""));
	free(hex);
}

static json_t *session_json(const struct mikey_message *m, const struct mikey_cs *cs)
{
	json_t *json = json_pack("{s:i}", "cs_id", cs->cs_id);

	if (m->map_type == MIKEY_MAP_SRTP) {
		json_object_set_new(json, "policy", json_integer(cs->policy));
		json_object_set_new(json, "ssrc", json_integer(cs->ssrc));
		json_object_set_new(json, "roc", json_integer(cs->roc));
		return json;
	}
	json_object_set_new(json, "protocol", json_integer(cs->protocol));
	set_octets(json, "policies", &cs->policies);
	set_octets(json, "data", &cs->data);
	set_octets(json, "spi", &cs->spi);
	return json;
}

static json_t *sessions_json(const struct mikey_message *m)
{
	json_t *sessions = json_array();
	struct mikey_cs cs;
	size_t at = 0;

	while (m->map_type != MIKEY_MAP_EMPTY && mikey_cs_next(m, &at, &cs) > 0)
		json_array_append_new(sessions, session_json(m, &cs));
	return sessions;
}

static bool has_parameters(const struct mikey_payload *p)
{
	return p->payload == MIKEY_SP ||
	       (p->payload == MIKEY_EXTENSION && p->type == MIKEY_EXT_KEY_ID);
}

static json_t *parameters_json(const struct mikey_payload *p)
{
	json_t *parameters = json_array();
	struct mikey_tlv tlv;
	size_t at = 0;

	while (mikey_tlv_next(&p->data, &at, &tlv) > 0) {
		json_t *parameter = json_pack("{s:i}", "type", tlv.type);

		set_octets(parameter, "value", &tlv.value);
		json_array_append_new(parameters, parameter);
	}
	return parameters;
}

static void set_type(json_t *json, const struct mikey_payload *p)
{
	switch (p->payload) {
	case MIKEY_KEMAC:
		set(json, "type", p->type, mikey_encryption_name(p->type));
		set(json, "mac_type", p->mac_alg, mikey_mac_name(p->mac_alg));
		set_octets(json, "mac", &p->mac);
		break;
	case MIKEY_V:
		set(json, "type", p->type, mikey_mac_name(p->type));
		break;
	case MIKEY_SIGN:
		set(json, "type", p->type, mikey_signature_name(p->type));
		break;
	case MIKEY_T:
	case MIKEY_TR:
		set(json, "type", p->type, mikey_timestamp_name(p->type));
		break;
	case MIKEY_ID:
	case MIKEY_IDR:
		set(json, "type", p->type, mikey_id_type_name(p->type));
		break;
	case MIKEY_EXTENSION:
		set(json, "type", p->type, mikey_extension_name(p->type));
		break;
	case MIKEY_ERR:
		set(json, "type", p->type, mikey_error_name(p->type));
		break;
	case MIKEY_CERT:
	case MIKEY_CHASH:
	case MIKEY_PKE:
	case MIKEY_SP:
	case MIKEY_SAKKE:
		set(json, "type", p->type, NULL);
		break;
	default:
		break;
	}
}

static void set_role(json_t *json, const struct mikey_payload *p)
{
	switch (p->payload) {
	case MIKEY_IDR:
	case MIKEY_RANDR:
	case MIKEY_TR:
		set(json, "role", p->role, p->payload == MIKEY_TR ? NULL :
		    mikey_role_name(p->role));
		break;
	case MIKEY_SP:
		set(json, "policy", p->role, NULL);
		break;
	case MIKEY_SAKKE:
		set(json, "parameter_set", p->role, NULL);
		break;
	default:
		break;
	}
}

static bool is_text(const struct mikey_payload *p)
{
	return p->payload == MIKEY_ID || p->payload == MIKEY_IDR ||
	       (p->payload == MIKEY_EXTENSION && p->type == MIKEY_EXT_SDP_IDS);
}

static json_t *payload_json(const struct mikey_payload *p)
{
	json_t *json = json_object();
	char date[MIKEY_DATE_LEN];
	struct mikey_time time;

	json_object_set_new(json, "payload", json_integer(p->payload));
	json_object_set_new(json, "name", json_string(mikey_payload_name(p->payload)));
	json_object_set_new(json, "offset", json_integer((json_int_t)p->offset));
	set_role(json, p);
	set_type(json, p);
	json_object_set_new(json, "octets", json_integer((json_int_t)p->data.len));
	set_octets(json, "data", &p->data);
	if (is_text(p) && p->data.len &&
	    keying_text_valid((const char *)p->data.data, p->data.len))
		json_object_set_new(json, "text", json_stringn((const char *)p->data.data,
							       p->data.len));
	if ((p->payload == MIKEY_T || p->payload == MIKEY_TR) && !mikey_time_decode(p, &time))
		json_object_set_new(json, "time", json_string(mikey_date(&time, date)));
	if (has_parameters(p))
		json_object_set_new(json, "parameters", parameters_json(p));
	return json;
}

static json_t *message_json(const struct mikey_message *m, size_t len)
{
	json_t *json = json_object(), *payloads = json_array();
	char csb_id[9];

	snprintf(csb_id, sizeof(csb_id), "%08x", m->csb_id);
	json_object_set_new(json, "octets", json_integer((json_int_t)len));
	set(json, "data_type", m->data_type, mikey_data_type_name(m->data_type));
	json_object_set_new(json, "verify", json_boolean(m->verify));
	set(json, "prf", m->prf, mikey_prf_name(m->prf));
	json_object_set_new(json, "csb_id", json_string(csb_id));
	json_object_set_new(json, "crypto_sessions", json_integer(m->n_cs));
	set(json, "map_type", m->map_type, mikey_map_name(m->map_type));
	json_object_set_new(json, "sessions", sessions_json(m));
	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(payloads, payload_json(&m->payload[i]));
	json_object_set_new(json, "payloads", payloads);
	return json;
}

/* ", word" behind what there is. */
static void append(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(char **text, const char *format, ...)
{
	char *more = NULL, *whole = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&more, format, args);
	va_end(args);
	if (len < 0)
		return;
	if (asprintf(&whole, "%s%s%s", *text ? *text : "", *text ? ", " : "", more) >= 0) {
		free(*text);
		*text = whole;
	}
	free(more);
}

/* "initiator", "role 99" */
static void append_named(char **text, const json_t *json, const char *member, const char *what)
{
	const char *name;
	char name_member[32];

	if (!output_known(json, member))
		return;
	snprintf(name_member, sizeof(name_member), "%s_name", member);
	name = output_text(json, name_member);
	if (name[0])
		append(text, "%s", name);
	else
		append(text, "%s %lld", what, (long long)output_number(json, member));
}

/* What there is about a payload is in its JSON; here are the words. */
static void print_payload(const json_t *json)
{
	json_t *parameters = json_object_get(json, "parameters"), *parameter;
	bool scheme = output_number(json, "payload") == MIKEY_SAKKE;
	char *text = NULL;
	size_t i;

	append_named(&text, json, "role", "role");
	append_named(&text, json, "policy", "policy");
	append_named(&text, json, "parameter_set", "parameter set");
	append_named(&text, json, "type", scheme ? "ID scheme" : "type");
	if (output_text(json, "time")[0])
		append(&text, "%s", output_text(json, "time"));
	json_array_foreach(parameters, i, parameter)
		append(&text, "%lld: %s", (long long)output_number(parameter, "type"),
		       output_text(parameter, "value"));
	if (output_text(json, "text")[0])
		append(&text, "%s", output_text(json, "text"));
	else if (!parameters && output_number(json, "octets") <= 32 && output_number(json, "octets"))
		append(&text, "%s", output_text(json, "data"));
	else if (!parameters && output_number(json, "octets"))
		append(&text, "%lld octets", (long long)output_number(json, "octets"));
	append_named(&text, json, "mac_type", "MAC");
	output_field(output_text(json, "name"), "", "%s", text ? text : "");
	free(text);
}

static void print(const json_t *json)
{
	json_t *list, *entry;
	char *text = NULL;
	size_t i;

	printf("%smessage:%s %s, %lld octets\n", output_bold(stdout), output_plain(stdout),
	       output_text(json, "data_type_name"), (long long)output_number(json, "octets"));
	output_field("PRF", "", "%s", output_text(json, "prf_name"));
	output_field("CSB ID", "", "%s", output_text(json, "csb_id"));
	append(&text, "%lld", (long long)output_number(json, "crypto_sessions"));
	append(&text, "%s", output_text(json, "map_type_name"));
	if (output_true(json, "verify"))
		append(&text, "verification wanted");
	output_field("crypto sessions", "", "%s", text);
	free(text);
	list = json_object_get(json, "sessions");
	json_array_foreach(list, i, entry) {
		text = NULL;
		if (output_known(entry, "ssrc"))
			append(&text, "policy %lld, SSRC %lld, ROC %lld",
			       (long long)output_number(entry, "policy"),
			       (long long)output_number(entry, "ssrc"),
			       (long long)output_number(entry, "roc"));
		else
			append(&text, "protocol %lld, policies %s, data %s, SPI %s",
			       (long long)output_number(entry, "protocol"),
			       output_text(entry, "policies"), output_text(entry, "data"),
			       output_text(entry, "spi"));
		output_field("session", "", "%lld, %s", (long long)output_number(entry, "cs_id"),
			     text);
		free(text);
	}
	list = json_object_get(json, "payloads");
	json_array_foreach(list, i, entry)
		print_payload(entry);
}

static int show(const struct mikey_call *call, const struct mikey_input *input)
{
	struct mikey_message message;
	struct mikey_error error;
	json_t *json;

	if (mikey_decode(&message, input->data, input->len, &error)) {
		cli_error("the message is malformed: %s %s (octet %zu)", error.where, error.reason,
			  error.offset);
		return CLI_FAILED;
	}
	json = message_json(&message, input->len);
	format_clean_json(json, output_utf8());
	if (call->json)
		output_json(json, JSON_INDENT(2));
	else
		print(json);
	json_decref(json);
	return CLI_OK;
}

int mikey_show(const struct mikey_call *call)
{
	struct mikey_input input;
	int status = mikey_message_read(call, &input) ? CLI_FAILED : show(call, &input);

	mikey_message_free(&input);
	return status;
}
