// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keying/certificate/certificate.h"
#include "keying/psk/psk.h"

#include "clock.h"
#include "log.h"
#include "methods.h"

static void warn(void *context, const char *sentence)
{
	const struct config *config = context;

	log_warning("%s:%d: certificate: %s", config->path, config->certificate.line, sentence);
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
		.warn = warn,
		.context = (void *)config,
	};
	char reason[CONFIG_WHY_MAX] = "";
	struct keying_method *method = certificate_new(&files, reason, sizeof(reason));

	if (!method)
		snprintf(why, why_len, "%s:%d: certificate: %s", config->path, certificate->line,
			 reason);
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

void methods_keep_clock(const struct methods *methods, const struct config *config)
{
	char why[CONFIG_WHY_MAX];

	if (methods->floor && clock_write(config->certificate.clock_file, methods->floor, why,
					  sizeof(why)))
		log_warning("%s; after a restart the clock may be taken to be earlier", why);
}

struct methods *methods_load(const struct config *config, char *why, size_t why_len)
{
	return methods_reload(config, NULL, false, why, why_len);
}

struct methods *methods_reload(const struct config *config, const struct methods *before,
			       bool crls_only, char *why, size_t why_len)
{
	struct methods *methods = calloc(1, sizeof(*methods));
	const char *own;
	size_t i;

	if (!methods) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	if (load_floor(methods, config, before, why, why_len))
		goto fail;
	for (i = 0; i < config->n_methods; i++) {
		struct keying_method *method;

		if (config->methods[i] == KEYING_PSK)
			method = methods->psk = load_psk(config, why, why_len);
		else
			method = methods->certificate =
				load_certificate(config, before, crls_only && before->certificate,
						 clock_now(methods->floor), why, why_len);
		if (!method)
			goto fail;
		methods->list[methods->n++] = method;
	}
	learn_time(methods, config);
	own = methods->certificate ? certificate_identity(methods->certificate) : NULL;
	if (own && config->identity[0] && strcmp(own, config->identity)) {
		snprintf(why, why_len, "%s:%d: identity: \"%s\" is not the identity in the "
			 "certificate, and peers would refuse it; write identity = \"%s\", or leave "
			 "it out", config->path, config->identity_line, config->identity, own);
		goto fail;
	}
	if (own && strlen(own) > PROSE_IDENTITY_MAX) {
		snprintf(why, why_len, "%s:%d: certificate: its identity is longer than %d octets",
			 config->path, config->certificate.line, PROSE_IDENTITY_MAX);
		goto fail;
	}
	if (own && config_peer(config, own)) {
		snprintf(why, why_len, "%s: peer \"%s\" is this UE itself, by the certificate; "
			 "remove the section", config->path, own);
		goto fail;
	}
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
		psk_free(methods->psk);
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
	if (config->identity[0] || !methods->certificate)
		return config->identity;
	return certificate_identity(methods->certificate);
}
