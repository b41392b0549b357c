// SPDX-License-Identifier: MIT
/* The configuration and the credentials it names, as prosed reads them. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

#include "daemon/log.h"
#include "daemon/methods.h"

struct told {
	struct doctor *doctor;
	unsigned int n;
};

static void tell(void *context, enum log_level level, const char *sentence)
{
	struct told *told = context;
	/* These say what comes. All others are what a peer would say, who then takes no link. */
	bool early = strstr(sentence, " expires on ") || strstr(sentence, " to be renewed by ") ||
		     strstr(sentence, " begins on ") || strstr(sentence, " is good until ");
	bool fatal = !early || strstr(sentence, " cannot be checked");
	bool of_kms = strstr(sentence, ": mikey-sakke: ");

	if (level > LOG_LEVEL_WARNING)
		return;
	doctor_say(told->doctor, fatal ? DOCTOR_FAIL : DOCTOR_WARN, of_kms ?
		   "prose identity fetch gets keys and deny list from the KMS, or somebody makes them there "
		   "with prose-kms extract and prose-kms deny; prosed notices the files" :
		   "prose pki issue DIR IDENTITY --replace makes a new certificate, prose pki crl DIR "
		   "a new CRL; then prose reload", "%s", sentence);
	told->n++;
}

/* What prosed does not mind, but an owner should. */
static void check_rights(struct doctor *doctor)
{
	char cure[DOCTOR_CURE_MAX];
	struct stat st;

	if (!stat(doctor->path, &st) && (st.st_mode & 022))
		doctor_say(doctor, DOCTOR_WARN,
			   doctor_cure(cure, sizeof(cure), "chmod go-w %s", doctor->path),
			   "%s can be written by others than its owner, who then say who may connect",
			   doctor->path);
	if (doctor->config->key_log)
		doctor_say(doctor, DOCTOR_WARN, "remove key-log from the configuration, and the file",
			   "session keys are written to %s: whoever reads it reads the traffic",
			   doctor->config->key_log);
}

void doctor_settings(struct doctor *doctor)
{
	struct told told = { doctor, 0 };
	char why[CONFIG_WHY_MAX] = "";
	struct methods *methods;
	bool no_file = access(doctor->path, F_OK) != 0;

	if (!doctor->config) {
		doctor_say(doctor, DOCTOR_FAIL, no_file ?
			   "write one: prosed.conf(5), or start from the example in share/doc/prose; "
			   "name another with -c FILE" :
			   "correct it; prosed --check-config -c FILE checks again", "%s", doctor->why);
		return;
	}
	log_divert(tell, &told);
	methods = methods_load(doctor->config, why, sizeof(why));
	log_divert(NULL, NULL);
	if (!methods)
		doctor_say(doctor, DOCTOR_FAIL, "correct it; prosed --check-config -c FILE checks again",
			   "%s", why);
	else if (!told.n)
		doctor_say(doctor, DOCTOR_OK, NULL, "%s: identity %s, %zu peer%s, credentials are "
			   "valid", doctor->path, methods_identity(methods, doctor->config),
			   doctor->config->n_peers, doctor->config->n_peers == 1 ? "" : "s");
	methods_free(methods);
	check_rights(doctor);
}
