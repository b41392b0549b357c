// SPDX-License-Identifier: MIT
/*
 * Key and certificate on a PKCS#11 token: whole runs with keys that TLS never sees, and what
 * is said when something about the token is wrong. The token is SoftHSM's, in a folder of
 * the test; without it, or without OpenSSL's engine, there is nothing to test.
 */
#include <glob.h>

#include "keying_lab.h"

#include "keying/certificate/certificate.h"
#include "keying/certificate/token.h"
#include "keying/pki/pki.h"

#define MODULE		"/usr/lib/softhsm/libsofthsm2.so"
#define PIN		"correct horse"
#define KEY(token, object)	"pkcs11:token=" token ";object=" object ";type=private" \
				"?module-path=" MODULE
#define CERTIFICATE(object)	"pkcs11:token=ue;object=" object ";type=cert?module-path=" MODULE

static const struct pki_options at_now = { .now = LAB_NOW };
static char why[KEYING_TEXT_MAX], warnings[2048];
static bool there;

static void on_warn(void *context, const char *sentence)
{
	size_t len = strlen(warnings);

	(void)context;
	snprintf(warnings + len, sizeof(warnings) - len, "%s\n", sentence);
}

static void done(int ret)
{
	if (ret)
		fail_msg("%s", why);
}

__attribute__((format(printf, 1, 2)))
static void run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		fail_msg("failed: %s", command);
}

static bool installed(void)
{
	glob_t engine;
	bool found = !glob("/usr/lib/*/engines-3/pkcs11.so", 0, NULL, &engine);

	if (found)
		globfree(&engine);
	return found && !access(MODULE, F_OK) && !access("/usr/bin/softhsm2-util", X_OK) &&
	       !access("/usr/bin/pkcs11-tool", X_OK);
}

static void import(const char *dir, const char *identity, const char *label, const char *id)
{
	run("softhsm2-util --import %s/%s/%s.key --token ue --label %s --id %s --pin '" PIN "' >/dev/null",
	    lab, dir, identity, label, id);
	run("openssl x509 -in %s/%s/%s.pem -outform der -out %s/der 2>/dev/null", lab, dir,
	    identity, lab);
	run("pkcs11-tool --module " MODULE " --token-label ue -l -p '" PIN "' --write-object %s/der --type cert --label %s --id %s >/dev/null 2>&1",
	    lab, label, id);
}

static int setup(void **state)
{
	struct pki_options rsa = at_now;
	char text[256];

	if (lab_setup(state))
		return -1;
	there = installed();
	if (!there)
		return 0;
	assert_int_equal(mkdir(lab_path("tokens"), 0700), 0);
	snprintf(text, sizeof(text),
		 "directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n",
		 lab);
	setenv("SOFTHSM2_CONF", lab_write(lab_path("softhsm2.conf"), text, 0600), 1);
	run("softhsm2-util --init-token --free --label ue --so-pin 12345678 --pin '" PIN "' >/dev/null");
	done(pki_init(lab_path("root"), "root", &at_now, why, sizeof(why)));
	done(pki_subordinate(lab_path("middle"), lab_path("root"), "middle", &at_now, why,
			     sizeof(why)));
	done(pki_issue(lab_path("root"), "ue1", &at_now, why, sizeof(why)));
	done(pki_issue(lab_path("root"), "ue2", &at_now, why, sizeof(why)));
	done(pki_issue(lab_path("middle"), "ue3", &at_now, why, sizeof(why)));
	rsa.key_type = "RSA-3072";
	done(pki_issue(lab_path("root"), "ue4", &rsa, why, sizeof(why)));
	import("root", "ue1", "ue1", "01");
	import("middle", "ue3", "ue3", "03");
	import("root", "ue4", "ue4", "04");
	lab_write(lab_path("pin"), PIN "\n", 0600);
	run("cat %s/root/crl.pem %s/middle/crl.pem >%s/crls.pem", lab, lab, lab);
	run("cat %s/root/ca.pem %s/middle/ca.pem >%s/roots.pem", lab, lab, lab);
	return 0;
}

static void want_token(void)
{
	if (!there) {
		print_message("skipped: softhsm2, libengine-pkcs11-openssl or opensc is missing\n");
		skip();
	}
}

static struct keying_method *load(const char *certificate, const char *key, const char *pin)
{
	const char *ca = lab_path("roots.pem"), *crl = lab_path("crls.pem");
	const struct certificate_files files = {
		.certificate = certificate, .key = key, .pin_file = pin, .ca = &ca, .n_ca = 1,
		.crl = &crl, .n_crl = 1, .crl_grace_days = 30, .now = LAB_NOW, .warn = on_warn,
	};

	why[0] = warnings[0] = '\0';
	return certificate_new(&files, why, sizeof(why));
}

static struct keying_method *peer(void)
{
	const char *ca = lab_path("root/ca.pem"), *crl = lab_path("crls.pem");
	const struct certificate_files files = {
		.certificate = lab_path("root/ue2.pem"), .key = lab_path("root/ue2.key"),
		.ca = &ca, .n_ca = 1, .crl = &crl, .n_crl = 1, .crl_grace_days = 30,
		.now = LAB_NOW, .warn = on_warn,
	};
	struct keying_method *method = certificate_new(&files, why, sizeof(why));

	if (!method)
		fail_msg("%s", why);
	return method;
}

/* Both roles, with a peer that has its key in a file and knows the root alone. */
static void agrees(const char *certificate, const char *key, const char *pin, const char *identity)
{
	struct keying_method *mine = load(certificate, key, pin), *other;
	struct lab_run run;
	int role;

	if (!mine)
		fail_msg("%s", why);
	assert_string_equal(warnings, "");
	assert_string_equal(certificate_identity(mine), identity);
	other = peer();
	for (role = 0; role < 2; role++) {
		lab_run_init(&run, role ? other : mine, role ? mine : other);
		lab_run(&run);
		for (int i = 0; i < 2; i++)
			if (run.side[i].status != KEYING_DONE)
				fail_msg("%s", run.side[i].error.text);
		assert_true(lab_same_kd(&run));
		assert_string_equal(run.side[!role].result.peer_identity, identity);
		lab_close(&run);
	}
	certificate_free(other);
	certificate_free(mine);
}

static void key_on_token(void **state)
{
	(void)state;
	want_token();
	agrees(lab_path("root/ue1.pem"), KEY("ue", "ue1"), lab_path("pin"), "ue1");
	agrees(lab_path("root/ue4.pem"), KEY("ue", "ue4"), lab_path("pin"), "ue4");
	agrees(lab_path("middle/ue3.pem"), KEY("ue", "ue3"), lab_path("pin"), "ue3");
}

static void certificate_on_token(void **state)
{
	(void)state;
	want_token();
	agrees(CERTIFICATE("ue1"), KEY("ue", "ue1"), lab_path("pin"), "ue1");
	/* The one between comes from the roots; the peer does not have it. */
	agrees(CERTIFICATE("ue3"), KEY("ue", "ue3"), lab_path("pin"), "ue3");
	/* By number instead of name. */
	agrees(CERTIFICATE("ue4"), "pkcs11:token=ue;id=%04?module-path=" MODULE, lab_path("pin"),
	       "ue4");
}

static void pin_from_the_name(void **state)
{
	char uri[512];

	(void)state;
	want_token();
	snprintf(uri, sizeof(uri), KEY("ue", "ue1") "&pin-source=file:%s/p%%69n", lab);
	agrees(CERTIFICATE("ue1"), uri, NULL, "ue1");
	snprintf(uri, sizeof(uri), KEY("ue", "ue1") "&pin-source=%s/pin", lab);
	agrees(CERTIFICATE("ue1"), uri, NULL, "ue1");
	/* pin-file is said more plainly, so it is the one that counts. */
	snprintf(uri, sizeof(uri), KEY("ue", "ue1") "&pin-source=%s/nowhere", lab);
	agrees(CERTIFICATE("ue1"), uri, lab_path("pin"), "ue1");
}

/* Each with its cure. */
static void refused(const char *key, const char *pin, const char *says)
{
	struct keying_method *method = load(lab_path("root/ue1.pem"), key, pin);

	assert_null(method);
	lab_contains(why, says);
	/* Nobody reads a PIN in a log. */
	assert_null(strstr(why, PIN));
	assert_null(strstr(why, "0000"));
}

static void what_is_wrong(void **state)
{
	const char *open = lab_write(lab_path("open"), PIN "\n", 0644);
	const char *empty = lab_write(lab_path("empty"), "\n", 0600);
	char uri[512], pin[PATH_MAX];

	(void)state;
	want_token();
	/* Names of the lab last for 32 more of them. */
	strcpy(pin, lab_path("pin"));
	refused(KEY("none", "ue1"), pin,
		"pkcs11:token=none;object=ue1;type=private: there is no token with such a private key: plug it in, or correct the name");
	refused(KEY("ue", "nobody"), pin, "there is no token with such a private key");
	refused(KEY("ue", "ue3"), pin, "this is not the private key of CN=ue1 in");
	refused(KEY("ue", "ue1"), open, "run chmod 600 on it");
	refused(KEY("ue", "ue1"), empty, "its first line is no PIN of 1 to 255 octets");
	refused(KEY("ue", "ue1"), lab_path("nowhere"), "/nowhere: No such file");
	refused(KEY("ue", "ue1") "&pin-value=" "correct%20horse", NULL,
		"a PIN does not belong into the configuration; write it to a file of mode 0600");
	snprintf(uri, sizeof(uri), KEY("ue", "ue1") "&pin-source=file:%s/open", lab);
	refused(uri, NULL, "run chmod 600 on it");
	refused(KEY("ue", "ue1") "&pin-source=|pinentry", pin, "pin-source is no file");
	refused(KEY("ue", "ue1") "&pin-source=", pin, "what follows the ? is neither");
	refused(KEY("ue", "ue1") "&pin-source=%2", pin, "what follows the ? is neither");
	refused(KEY("ue", "ue1") "&pin-source=/%00", pin, "what follows the ? is neither");
	refused(KEY("ue", "ue1") "&colour=red", pin, "what follows the ? is neither");
	refused("pkcs11:colour=red", pin, "pkcs11:colour=red: ");
	assert_null(load("pkcs11:token=ue;object=nobody;type=cert?module-path=" MODULE,
			 KEY("ue", "ue1"), pin));
	lab_contains(why, "there is no token with such a certificate");
	/* After all of it, the right one works. */
	agrees(CERTIFICATE("ue1"), KEY("ue", "ue1"), pin, "ue1");
}

/* New CRLs do not ask the token for anything; it may have been taken out by then. */
static void new_crls_without_asking(void **state)
{
	struct keying_method *before, *after, *other;
	const char *ca = lab_path("roots.pem"), *crl = lab_path("crls.pem");
	struct certificate_files files = {
		.certificate = CERTIFICATE("ue1"), .key = KEY("ue", "ue1"),
		.pin_file = lab_path("nowhere"), .ca = &ca, .n_ca = 1, .crl = &crl, .n_crl = 1,
		.crl_grace_days = 30, .now = LAB_NOW, .warn = on_warn, .keep_own = true,
	};
	struct lab_run run;

	(void)state;
	want_token();
	before = load(CERTIFICATE("ue1"), KEY("ue", "ue1"), lab_path("pin"));
	if (!before)
		fail_msg("%s", why);
	files.before = before;
	after = certificate_new(&files, why, sizeof(why));
	if (!after)
		fail_msg("%s", why);
	certificate_free(before);
	other = peer();
	lab_run_init(&run, after, other);
	lab_run(&run);
	assert_int_equal(run.side[0].status, KEYING_DONE);
	assert_true(lab_same_kd(&run));
	lab_close(&run);
	certificate_free(after);
	certificate_free(other);
}

/*
 * These two come first, for the token knows the whole program by its login (PKCS#11 6.7.4), and
 * asks for no PIN any more. Nobody is asked for one, though the tests may have a terminal.
 */
static void no_pin(void **state)
{
	(void)state;
	want_token();
	refused("pkcs11:token=ue;object=ue1?module-path=" MODULE, NULL,
		"pkcs11:token=ue;object=ue1: the token wants a PIN; write it to a file of mode 0600");
}

static void wrong_pin(void **state)
{
	(void)state;
	want_token();
	refused(KEY("ue", "ue1"), lab_write(lab_path("wrong"), "0000\n", 0600),
		"pkcs11:token=ue;object=ue1;type=private: the PIN is wrong; correct it in pin-file before you try again");
}

static void names(void **state)
{
	char shown[16];

	(void)state;
	assert_true(token_named("pkcs11:token=x"));
	assert_true(token_named("PKCS11:"));
	assert_false(token_named("pkcs11"));
	assert_false(token_named("/etc/pkcs11:"));
	assert_string_equal(token_shown("pkcs11:a?pin-value=1", shown, sizeof(shown)), "pkcs11:a");
	assert_string_equal(token_shown("pkcs11:abcdefghijklmnop", shown, sizeof(shown)),
			    "pkcs11:abcdefgh");
	token_release(token_hold(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(no_pin),
		cmocka_unit_test(wrong_pin),
		cmocka_unit_test(key_on_token),
		cmocka_unit_test(certificate_on_token),
		cmocka_unit_test(pin_from_the_name),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(new_crls_without_asking),
	};

	return cmocka_run_group_tests_name("certificate_token", tests, setup, lab_teardown);
}
