// SPDX-License-Identifier: MIT
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keying/certificate/certificate.h"
#include "keying/eccsi_sakke/eccsi_sakke.h"
#include "keying/mikey_sakke/mikey_sakke.h"
#include "keying/psk/psk.h"

#include "clock.h"
#include "log.h"
#include "methods.h"
#include "replay_file.h"
#include "seen_file.h"

/* What is not mended is said again after so long. */
#define WARN_INTERVAL	((time_t)86400)

static void warn_certificate(void *context, const char *sentence)
{
	const struct config *config = context;

	log_warning("%s:%d: certificate: %s", config->path, config->certificate.line, sentence);
}

static void warn_mikey_sakke(void *context, const char *sentence)
{
	const struct config *config = context;

	log_warning("%s:%d: mikey-sakke: %s", config->path, config->mikey_sakke.line, sentence);
}

static struct keying_method *load_certificate(const struct config *config,
					      const struct methods *before, bool crls_only,
					      time_t now, char *why, size_t why_len)
{
	const struct config_certificate *certificate = &config->certificate;
	struct certificate_files files = {
		.certificate = certificate->chain,
		.key = certificate->key,
		.ca = (const char *const *)certificate->roots,
		.n_ca = certificate->n_roots,
		.crl = (const char *const *)certificate->crls,
		.n_crl = certificate->n_crls,
		.crl_policy = certificate->crl_required ? CERTIFICATE_CRL_REQUIRE :
							  CERTIFICATE_CRL_IF_PRESENT,
		.crl_grace_days = certificate->crl_grace_days,
		.pin_file = certificate->pin_file,
		.before = before ? before->certificate : NULL,
		.keep_own = crls_only,
		.clock_untrusted = certificate->clock_untrusted,
		.now = now,
		.warn = warn_certificate,
		.context = (void *)config,
	};
	char reason[CONFIG_WHY_MAX] = "";
	struct keying_method *method = certificate_new(&files, reason, sizeof(reason));

	if (!method)
		snprintf(why, why_len, "%s:%d: certificate: %s", config->path, certificate->line,
			 reason);
	return method;
}

static struct keying_method *load_mikey_sakke(const struct config *config,
					      const struct methods *before, time_t now, char *why,
					      size_t why_len)
{
	const struct config_mikey_sakke *mikey = &config->mikey_sakke;
	struct mikey_sakke_files files = {
		.communities = (const char *const *)mikey->communities,
		.n_communities = mikey->n_communities,
		.keys = (const char *const *)mikey->keys,
		.n_keys = mikey->n_keys,
		.seal = mikey->seal,
		.deny = (const char *const *)mikey->deny,
		.n_deny = mikey->n_deny,
		.reply_optional = mikey->reply_optional,
		.in_request = mikey->in_request,
		.before = before ? before->mikey_sakke : NULL,
		.now = now,
		.warn = warn_mikey_sakke,
		.context = (void *)config,
	};
	char reason[CONFIG_WHY_MAX] = "";
	struct keying_method *method;
	char seen[PATH_MAX];

	if (seen_file_name(config->store, seen))
		files.seen = seen;
	method = mikey_sakke_new(&files, reason, sizeof(reason));
	if (!method)
		snprintf(why, why_len, "%s:%d: mikey-sakke: %s", config->path, mikey->line, reason);
	else if (!files.before && replay_file_read(config->store, method, now, reason,
						   sizeof(reason)))
		log_warning("%s", reason);
	return method;
}

/* The method whose keys it uses may have been loaded before, or only for it. */
static struct keying_method *load_eccsi_sakke(struct methods *methods, const struct config *config,
					      const struct methods *before, time_t now, char *why,
					      size_t why_len)
{
	char reason[CONFIG_WHY_MAX] = "";
	struct keying_method *method;

	if (!methods->mikey_sakke)
		methods->mikey_sakke = load_mikey_sakke(config, before, now, why, why_len);
	if (!methods->mikey_sakke)
		return NULL;
	method = eccsi_sakke_new(methods->mikey_sakke, before ? before->eccsi_sakke : NULL, reason,
				 sizeof(reason));
	if (!method)
		snprintf(why, why_len, "%s:%d: mikey-sakke: %s", config->path,
			 config->mikey_sakke.line, reason);
	return method;
}

static struct keying_method *load_psk(const struct config *config, char *why, size_t why_len)
{
	char reason[CONFIG_WHY_MAX] = "";
	struct keying_method *method = psk_new(config->psk.file, reason, sizeof(reason));

	if (!method)
		snprintf(why, why_len, "%s:%d: psk: %s", config->path, config->psk.line, reason);
	return method;
}

typedef void warn_t(void *context, const char *sentence);

/* Of all methods that have something to warn of; @context goes to the one that is called. */
static void warn_all(const struct methods *methods, time_t now, warn_t *of_certificate,
		     warn_t *of_mikey_sakke, void *context)
{
	if (methods->certificate)
		certificate_warn(methods->certificate, now, of_certificate, context);
	if (methods->mikey_sakke)
		mikey_sakke_warn(methods->mikey_sakke, now, of_mikey_sakke, context);
}

static void collect(void *context, const char *sentence)
{
	fprintf(context, "%s\n", sentence);
}

/* NULL without memory. */
static char *warnings(const struct methods *methods, time_t now)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return NULL;
	warn_all(methods, now, collect, collect, to);
	if (!fclose(to))
		return text;
	free(text);
	return NULL;
}

static void warned(struct methods *methods, char *text, time_t now)
{
	free(methods->warned);
	methods->warned = text;
	methods->warned_at = now;
}

void methods_warn(struct methods *methods, const struct config *config, time_t now)
{
	char *text = warnings(methods, now);
	bool same = text && methods->warned && !strcmp(text, methods->warned);

	if (same && now >= methods->warned_at && now - methods->warned_at < WARN_INTERVAL) {
		free(text);
		return;
	}
	warn_all(methods, now, warn_certificate, warn_mikey_sakke, (void *)config);
	warned(methods, text, now);
}

/* The floor, before anything is read that moves it. */
static int load_floor(struct methods *methods, const struct config *config,
		      const struct methods *before, char *why, size_t why_len)
{
	const struct config_certificate *certificate = &config->certificate;
	char reason[CONFIG_WHY_MAX] = "";

	if (!certificate->clock_untrusted)
		return 0;
	if (clock_read(certificate->clock_file, &methods->floor, reason, sizeof(reason))) {
		snprintf(why, why_len, "%s:%d: certificate: clock-file: %s", config->path,
			 certificate->line, reason);
		return -1;
	}
	if (before && before->floor > methods->floor)
		methods->floor = before->floor;
	return 0;
}

static void learn_time(struct methods *methods, const struct config *config)
{
	time_t newest = methods->certificate ? certificate_newest(methods->certificate) : 0;

	if (config->certificate.clock_untrusted && newest > methods->floor)
		methods->floor = newest;
}

int methods_keep_replay(const struct methods *methods, const struct config *config, char *why,
			size_t why_len)
{
	if (!methods->mikey_sakke || !mikey_sakke_changes(methods->mikey_sakke))
		return 0;
	return replay_file_write(config->store, methods->mikey_sakke, why, why_len);
}

void methods_taken(const struct methods *methods)
{
	if (methods->mikey_sakke)
		mikey_sakke_taken(methods->mikey_sakke);
}

int methods_keep_seen(const struct methods *methods, const struct config *config, char *why,
		      size_t why_len)
{
	if (!methods->mikey_sakke)
		return 0;
	return seen_file_write(config->store, methods->mikey_sakke, why, why_len);
}

void methods_keep_clock(const struct methods *methods, const struct config *config)
{
	char why[CONFIG_WHY_MAX];

	if (methods->floor && clock_write(config->certificate.clock_file, methods->floor, why,
					  sizeof(why)))
		log_warning("%s; after a restart the clock may be taken to be earlier", why);
}

/* The identity that credentials are of, which is in them; @what gets what they are. NULL: none is. */
static const char *credentials_identity(const struct methods *methods, const char **what)
{
	*what = methods->certificate ? "certificate" : "keys";
	return methods->certificate ? certificate_identity(methods->certificate) :
	       methods->mikey_sakke ? mikey_sakke_identity(methods->mikey_sakke) : NULL;
}

/* A UE is one identity, by whatever method peers find out. */
static int check_identity(const struct methods *methods, const struct config *config, char *why,
			  size_t why_len)
{
	const char *what, *own = credentials_identity(methods, &what), *other;

	if (!own)
		return 0;
	if (config->identity[0] && strcmp(own, config->identity)) {
		snprintf(why, why_len, "%s:%d: identity: \"%s\" is not the identity in the "
			 "%s, and peers would refuse it; write identity = \"%s\", or leave "
			 "it out", config->path, config->identity_line, config->identity,
			 what, own);
		return -1;
	}
	other = methods->mikey_sakke ? mikey_sakke_identity(methods->mikey_sakke) : own;
	if (strcmp(own, other)) {
		snprintf(why, why_len, "%s:%d: mikey-sakke: the keys are those of %s, and the "
			 "certificate that of %s; a UE has one identity", config->path,
			 config->mikey_sakke.line, other, own);
		return -1;
	}
	if (strlen(own) > PROSE_IDENTITY_MAX) {
		snprintf(why, why_len, "%s:%d: certificate: its identity is longer than %d octets",
			 config->path, config->certificate.line, PROSE_IDENTITY_MAX);
		return -1;
	}
	if (config_peer(config, own)) {
		snprintf(why, why_len, "%s: peer \"%s\" is this UE itself, by the %s; "
			 "remove the section", config->path, own, what);
		return -1;
	}
	return 0;
}

struct methods *methods_load(const struct config *config, char *why, size_t why_len)
{
	return methods_reload(config, NULL, false, why, why_len);
}

struct methods *methods_reload(const struct config *config, const struct methods *before,
			       bool crls_only, char *why, size_t why_len)
{
	struct methods *methods = calloc(1, sizeof(*methods));
	time_t now;
	size_t i;

	if (!methods) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	if (load_floor(methods, config, before, why, why_len))
		goto fail;
	now = clock_now(methods->floor);
	for (i = 0; i < config->n_methods; i++) {
		struct keying_method *method;

		if (config->methods[i] == KEYING_PSK)
			method = methods->psk = load_psk(config, why, why_len);
		else if (config->methods[i] == KEYING_ECCSI_SAKKE)
			method = methods->eccsi_sakke =
				load_eccsi_sakke(methods, config, before, now, why, why_len);
		else if (config->methods[i] == KEYING_MIKEY_SAKKE && methods->mikey_sakke)
			method = methods->mikey_sakke;
		else if (config->methods[i] == KEYING_MIKEY_SAKKE)
			method = methods->mikey_sakke =
				load_mikey_sakke(config, before, now, why, why_len);
		else
			method = methods->certificate =
				load_certificate(config, before, crls_only && before->certificate,
						 now, why, why_len);
		if (!method)
			goto fail;
		methods->list[methods->n++] = method;
	}
	learn_time(methods, config);
	if (check_identity(methods, config, why, why_len))
		goto fail;
	/* The methods have said it themselves. */
	warned(methods, warnings(methods, now), now);
	return methods;
fail:
	methods_free(methods);
	return NULL;
}

void methods_free(struct methods *methods)
{
	struct methods *before;

	for (; methods; methods = before) {
		before = methods->retired;
		certificate_free(methods->certificate);
		eccsi_sakke_free(methods->eccsi_sakke);
		mikey_sakke_free(methods->mikey_sakke);
		psk_free(methods->psk);
		free(methods->warned);
		free(methods);
	}
}

static bool in_use(const struct methods *methods, const struct ue *ue)
{
	size_t i;

	for (i = 0; i < methods->n; i++)
		if (ue_method_in_use(ue, methods->list[i]))
			return true;
	return false;
}

void methods_sweep(struct methods *methods, const struct ue *ue)
{
	struct methods **place = &methods->retired, *old;

	while ((old = *place)) {
		if (in_use(old, ue)) {
			place = &old->retired;
			continue;
		}
		*place = old->retired;
		old->retired = NULL;
		methods_free(old);
	}
}

const char *methods_identity(const struct methods *methods, const struct config *config)
{
	const char *what, *own = credentials_identity(methods, &what);

	return config->identity[0] || !own ? config->identity : own;
}
