// SPDX-License-Identifier: MIT
/* The small certification authority behind `prose pki`. */
#include "keying_lab.h"

#include <dirent.h>
#include <sys/wait.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "keying/pki/pki.h"

static char why[KEYING_TEXT_MAX];

static const struct pki_options at_now = { .now = LAB_NOW };

static void done(int ret)
{
	if (ret)
		fail_msg("%s", why);
}

static void refused(int ret, const char *says)
{
	assert_int_equal(ret, -1);
	lab_contains(why, says);
	why[0] = '\0';
}

static void has_mode(const char *path, mode_t mode)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | mode);
}

static unsigned int count_files(const char *dir)
{
	DIR *open = opendir(dir);
	unsigned int n = 0;

	assert_non_null(open);
	while (readdir(open))
		n++;
	closedir(open);
	return n - 2;
}

static X509 *read_certificate(const char *path)
{
	FILE *file = fopen(path, "r");
	X509 *certificate;

	assert_non_null(file);
	certificate = PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(certificate);
	return certificate;
}

static X509_CRL *read_crl(const char *path)
{
	FILE *file = fopen(path, "r");
	X509_CRL *crl;

	assert_non_null(file);
	crl = PEM_read_X509_CRL(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(crl);
	return crl;
}

static long crl_number(X509_CRL *crl)
{
	ASN1_INTEGER *value = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	long number = ASN1_INTEGER_get(value);

	ASN1_INTEGER_free(value);
	return number;
}

/* Two commands give credentials; files, rights, and nothing left lying about. */
static void newcomer(void **state)
{
	const char *dir = lab_path("first");
	X509 *root, *device;
	X509_CRL *crl;
	char text[KEYING_TEXT_MAX];

	(void)state;
	done(pki_init(dir, "prose test root", &at_now, why, sizeof(why)));
	has_mode(lab_path("first/ca.key"), 0600);
	has_mode(lab_path("first/ca.pem"), 0644);
	has_mode(lab_path("first/crl.pem"), 0644);
	has_mode(lab_path("first/index"), 0644);
	assert_int_equal(count_files(dir), 4);
	done(pki_issue(dir, "urn:prose:ue1", &at_now, why, sizeof(why)));
	has_mode(lab_path("first/urn:prose:ue1.key"), 0600);
	has_mode(lab_path("first/urn:prose:ue1.pem"), 0644);
	assert_int_equal(count_files(dir), 6);

	root = read_certificate(lab_path("first/ca.pem"));
	device = read_certificate(lab_path("first/urn:prose:ue1.pem"));
	crl = read_crl(lab_path("first/crl.pem"));
	assert_int_equal(X509_verify(root, X509_get0_pubkey(root)), 1);
	assert_int_equal(X509_verify(device, X509_get0_pubkey(root)), 1);
	assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(root)), 1);
	assert_int_equal(X509_check_issued(root, device), X509_V_OK);
	assert_int_equal(crl_number(crl), 1);
	assert_null(X509_CRL_get_REVOKED(crl));
	assert_int_equal(X509_check_ca(root), 1);
	assert_int_equal(X509_check_ca(device), 0);
	assert_int_equal(X509_get_key_usage(device), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(device), XKU_SSL_CLIENT | XKU_SSL_SERVER);
	assert_int_equal(X509_get_key_usage(root), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	X509_NAME_get_text_by_NID(X509_get_subject_name(device), NID_commonName, text,
				  sizeof(text));
	assert_string_equal(text, "urn:prose:ue1");
	X509_free(root);
	X509_free(device);
	X509_CRL_free(crl);
}

static time_t to_time(const ASN1_TIME *time)
{
	struct tm tm;

	assert_true(ASN1_TIME_to_tm(time, &tm));
	return timegm(&tm);
}

static void times_are_as_asked(void **state)
{
	const struct pki_options explicit = {
		.now = LAB_NOW, .not_before = LAB_NOW - 40 * LAB_DAY,
		.not_after = LAB_NOW - 10 * LAB_DAY, .crl_days = 3,
	};
	const struct pki_options days = { .now = LAB_NOW, .days = 5 };
	X509 *certificate;
	X509_CRL *crl;

	(void)state;
	done(pki_init(lab_path("times"), "root", &explicit, why, sizeof(why)));
	crl = read_crl(lab_path("times/crl.pem"));
	assert_int_equal(to_time(X509_CRL_get0_lastUpdate(crl)), LAB_NOW);
	assert_int_equal(to_time(X509_CRL_get0_nextUpdate(crl)), LAB_NOW + 3 * LAB_DAY);
	X509_CRL_free(crl);
	done(pki_issue(lab_path("times"), "old", &explicit, why, sizeof(why)));
	certificate = read_certificate(lab_path("times/old.pem"));
	assert_int_equal(to_time(X509_get0_notBefore(certificate)), LAB_NOW - 40 * LAB_DAY);
	assert_int_equal(to_time(X509_get0_notAfter(certificate)), LAB_NOW - 10 * LAB_DAY);
	X509_free(certificate);
	done(pki_issue(lab_path("times"), "short", &days, why, sizeof(why)));
	certificate = read_certificate(lab_path("times/short.pem"));
	assert_int_equal(to_time(X509_get0_notBefore(certificate)), LAB_NOW - 3600);
	assert_int_equal(to_time(X509_get0_notAfter(certificate)), LAB_NOW + 5 * LAB_DAY);
	X509_free(certificate);
}

static void nothing_is_overwritten(void **state)
{
	struct pki_options renew = at_now;
	char *before, *after;

	(void)state;
	done(pki_init(lab_path("keep"), "root", &at_now, why, sizeof(why)));
	before = lab_read(lab_path("keep/ca.key"));
	refused(pki_init(lab_path("keep"), "root", &at_now, why, sizeof(why)), "ca.key: exists");
	after = lab_read(lab_path("keep/ca.key"));
	assert_string_equal(before, after);
	free(before);
	free(after);

	done(pki_issue(lab_path("keep"), "ue1", &at_now, why, sizeof(why)));
	before = lab_read(lab_path("keep/ue1.pem"));
	refused(pki_issue(lab_path("keep"), "ue1", &at_now, why, sizeof(why)),
		"ue1.pem: exists and is not overwritten");
	after = lab_read(lab_path("keep/ue1.pem"));
	assert_string_equal(before, after);
	free(after);
	/* A key alone is kept as well. */
	assert_int_equal(remove(lab_path("keep/ue1.pem")), 0);
	refused(pki_issue(lab_path("keep"), "ue1", &at_now, why, sizeof(why)), "ue1.key: exists");

	renew.replace = true;
	done(pki_issue(lab_path("keep"), "ue1", &renew, why, sizeof(why)));
	after = lab_read(lab_path("keep/ue1.pem"));
	assert_string_not_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(count_files(lab_path("keep")), 6);
}

struct seen {
	struct pki_entry entries[16];
	size_t n, stop_at;
};

static bool see(void *context, const struct pki_entry *entry)
{
	struct seen *seen = context;

	assert_true(seen->n < 16);
	seen->entries[seen->n++] = *entry;
	return seen->n != seen->stop_at;
}

static void revocation(void **state)
{
	const struct pki_options later = { .now = LAB_NOW + 2 * LAB_DAY, .replace = true };
	const char *dir = lab_path("revoke");
	X509_REVOKED *entry = NULL;
	struct seen seen = { 0 };
	X509 *certificate;
	X509_CRL *crl;
	char serial[64];

	(void)state;
	done(pki_init(dir, "root", &at_now, why, sizeof(why)));
	done(pki_issue(dir, "ue1", &at_now, why, sizeof(why)));
	done(pki_issue(dir, "ue2", &at_now, why, sizeof(why)));
	done(pki_issue(dir, "ue1", &later, why, sizeof(why)));
	done(pki_list(dir, see, &seen, why, sizeof(why)));
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.entries[0].identity, "ue1");
	assert_string_equal(seen.entries[1].identity, "ue2");
	assert_string_equal(seen.entries[2].identity, "ue1");
	assert_int_equal(seen.entries[1].not_before, LAB_NOW - 3600);
	assert_int_equal(seen.entries[1].not_after, LAB_NOW + 365 * LAB_DAY);
	assert_int_equal(seen.entries[1].revoked, 0);

	refused(pki_revoke(dir, "ue3", &later, why, sizeof(why)), "identity or serial number ue3");
	/* By serial, whatever its case. */
	snprintf(serial, sizeof(serial), "00%s", seen.entries[1].serial);
	for (char *c = serial; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c += 'a' - 'A';
	done(pki_revoke(dir, serial, &later, why, sizeof(why)));
	refused(pki_revoke(dir, serial, &later, why, sizeof(why)), "was revoked already");
	refused(pki_revoke(dir, "ue2", &later, why, sizeof(why)), "was revoked already");
	crl = read_crl(lab_path("revoke/crl.pem"));
	certificate = read_certificate(lab_path("revoke/ue2.pem"));
	assert_int_equal(crl_number(crl), 2);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 1);
	assert_int_equal(X509_CRL_get0_by_cert(crl, &entry, certificate), 1);
	assert_int_equal(to_time(X509_REVOKED_get0_revocationDate(entry)), LAB_NOW + 2 * LAB_DAY);
	X509_free(certificate);
	X509_CRL_free(crl);

	/* By identity: both of ue1, and ue2 is not forgotten. */
	done(pki_revoke(dir, "ue1", &later, why, sizeof(why)));
	done(pki_crl(dir, &later, why, sizeof(why)));
	crl = read_crl(lab_path("revoke/crl.pem"));
	certificate = read_certificate(lab_path("revoke/ca.pem"));
	assert_int_equal(crl_number(crl), 4);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 3);
	assert_int_equal(X509_CRL_verify(crl, X509_get0_pubkey(certificate)), 1);
	assert_int_equal(to_time(X509_CRL_get0_nextUpdate(crl)),
			 LAB_NOW + (2 + PKI_DEFAULT_DAYS_CRL) * LAB_DAY);
	X509_free(certificate);
	X509_CRL_free(crl);
	has_mode(lab_path("revoke/crl.pem"), 0644);
	has_mode(lab_path("revoke/index"), 0644);
	assert_int_equal(count_files(dir), 8);

	seen = (struct seen){ .stop_at = 2 };
	done(pki_list(dir, see, &seen, why, sizeof(why)));
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.entries[0].revoked, LAB_NOW + 2 * LAB_DAY);
}

static void subordinate_authority(void **state)
{
	X509 *root, *middle, *device;
	char *chain;

	(void)state;
	done(pki_init(lab_path("above"), "root", &at_now, why, sizeof(why)));
	done(pki_subordinate(lab_path("below"), lab_path("above"), "middle", &at_now, why,
			     sizeof(why)));
	refused(pki_subordinate(lab_path("above"), lab_path("above"), "x", &at_now, why,
				sizeof(why)), "a directory of its own");
	refused(pki_subordinate(lab_path("below"), lab_path("above"), "x", &at_now, why,
				sizeof(why)), "exists");
	done(pki_issue(lab_path("below"), "ue1", &at_now, why, sizeof(why)));
	root = read_certificate(lab_path("above/ca.pem"));
	middle = read_certificate(lab_path("below/ca.pem"));
	device = read_certificate(lab_path("below/ue1.pem"));
	assert_int_equal(X509_verify(middle, X509_get0_pubkey(root)), 1);
	assert_int_equal(X509_verify(device, X509_get0_pubkey(middle)), 1);
	chain = lab_read(lab_path("below/ue1.pem"));
	assert_non_null(strstr(strstr(chain, "BEGIN") + 1, "BEGIN CERT"));
	free(chain);
	X509_free(root);
	X509_free(middle);
	X509_free(device);
	/* The one above knows it and can revoke it. */
	done(pki_revoke(lab_path("above"), "middle", &at_now, why, sizeof(why)));
}

static void identities_stay_in_the_directory(void **state)
{
	const char *dir = lab_path("names");
	char path[PATH_MAX], longest[300];

	(void)state;
	done(pki_init(dir, "root", &at_now, why, sizeof(why)));
	done(pki_issue(dir, "../up/ue 1", &at_now, why, sizeof(why)));
	has_mode(lab_path("names/%%2E.%%2Fup%%2Fue%%201.pem"), 0644);
	done(pki_path(dir, "../up/ue 1", "key", path, sizeof(path), why, sizeof(why)));
	assert_string_equal(path, lab_path("names/%%2E.%%2Fup%%2Fue%%201.key"));
	has_mode(path, 0600);
	done(pki_issue(dir, "sip:a@example.org", &at_now, why, sizeof(why)));
	has_mode(lab_path("names/sip:a@example.org.pem"), 0644);

	refused(pki_issue(dir, "", &at_now, why, sizeof(why)), "1 to 250 octets");
	refused(pki_issue(dir, "a\tb", &at_now, why, sizeof(why)), "plain UTF-8");
	refused(pki_issue(dir, "a\nb", &at_now, why, sizeof(why)), "plain UTF-8");
	refused(pki_issue(dir, " a", &at_now, why, sizeof(why)), "without blanks around it");
	refused(pki_issue(dir, "\xc3\x28", &at_now, why, sizeof(why)), "plain UTF-8");
	refused(pki_issue(dir, "ca", &at_now, why, sizeof(why)), "choose another");
	refused(pki_issue(dir, "crl", &at_now, why, sizeof(why)), "choose another");
	memset(longest, 'a', sizeof(longest));
	longest[251] = '\0';
	refused(pki_issue(dir, longest, &at_now, why, sizeof(why)), "1 to 250 octets");
	longest[200] = '\0';
	done(pki_issue(dir, longest, &at_now, why, sizeof(why)));
	/* Neither host nor URI: it would have to fit the common name, and be cut off. */
	longest[70] = ' ';
	refused(pki_issue(dir, longest, &at_now, why, sizeof(why)), "at most 64 octets");
}

static void key_types(void **state)
{
	static const char *const types[] = { "P-256", "P-384", "ED25519", "RSA-3072" };
	static const int nids[] = { EVP_PKEY_EC, EVP_PKEY_EC, EVP_PKEY_ED25519, EVP_PKEY_RSA };
	static const int bits[] = { 256, 384, 256, 3072 };
	struct pki_options options = at_now;
	X509 *certificate;
	EVP_PKEY *key;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		options.key_type = types[i];
		done(pki_init(lab_path("root-%s", types[i]), "root", &options, why, sizeof(why)));
	}
	for (i = 0; i < 4; i++) {
		options.key_type = types[i];
		done(pki_issue(lab_path("root-P-384"), types[i], &options, why, sizeof(why)));
		certificate = read_certificate(lab_path("root-P-384/%s.pem", types[i]));
		key = X509_get0_pubkey(certificate);
		assert_int_equal(EVP_PKEY_get_base_id(key), nids[i]);
		assert_int_equal(EVP_PKEY_get_bits(key), bits[i]);
		X509_free(certificate);
	}
	options.key_type = "DSA";
	refused(pki_issue(lab_path("root-P-384"), "ue9", &options, why, sizeof(why)),
		"no key type DSA");
}

static void says_what_is_wrong(void **state)
{
	char *text;

	(void)state;
	refused(pki_issue(lab_path("none"), "ue1", &at_now, why, sizeof(why)),
		"none: No such file");
	done(pki_init(lab_path("bad"), "root", &at_now, why, sizeof(why)));
	done(pki_issue(lab_path("bad"), "ue1", &at_now, why, sizeof(why)));

	assert_int_equal(chmod(lab_path("bad/ca.key"), 0644), 0);
	refused(pki_issue(lab_path("bad"), "ue2", &at_now, why, sizeof(why)), "run chmod 600");
	assert_int_equal(chmod(lab_path("bad/ca.key"), 0600), 0);

	lab_write(lab_path("bad/index"), "\n12AB\tnonsense\n", 0644);
	refused(pki_issue(lab_path("bad"), "ue2", &at_now, why, sizeof(why)),
		"bad/index: line 2: expected serial");
	lab_write(lab_path("bad/index"), "", 0644);
	refused(pki_revoke(lab_path("bad"), "ue1", &at_now, why, sizeof(why)), "no certificate");

	text = lab_read(lab_path("bad/ue1.key"));
	lab_write(lab_path("bad/ca.key"), text, 0600);
	free(text);
	refused(pki_issue(lab_path("bad"), "ue2", &at_now, why, sizeof(why)),
		"is not the private key of ca.pem");
	lab_write(lab_path("bad/ca.pem"), "nothing\n", 0644);
	refused(pki_issue(lab_path("bad"), "ue2", &at_now, why, sizeof(why)),
		"ca.pem: holds no certificate");
	lab_write(lab_path("bad/ca.pem"), "x\n-----BEGIN CERTIFICATE-----\nAAAA\n", 0644);
	refused(pki_issue(lab_path("bad"), "ue2", &at_now, why, sizeof(why)),
		"line 2: item 1 (CERTIFICATE) has no END line");
}

/* Two at a time lose nothing: the index has all, and each serial number once. */
static void works_in_parallel(void **state)
{
	const char *dir = lab_path("parallel");
	struct seen seen = { 0 };
	char identity[32];
	pid_t child[2];
	int i, j, status;

	(void)state;
	done(pki_init(dir, "root", &at_now, why, sizeof(why)));
	for (i = 0; i < 2; i++) {
		child[i] = fork();
		assert_true(child[i] >= 0);
		if (child[i])
			continue;
		for (j = 0; j < 6; j++) {
			snprintf(identity, sizeof(identity), "ue%d-%d", i, j);
			if (pki_issue(dir, identity, &at_now, why, sizeof(why)))
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	done(pki_list(dir, see, &seen, why, sizeof(why)));
	assert_int_equal(seen.n, 12);
	for (i = 0; i < 12; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(seen.entries[i].serial, seen.entries[j].serial);
	assert_int_equal(count_files(dir), 4 + 2 * 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newcomer),
		cmocka_unit_test(times_are_as_asked),
		cmocka_unit_test(nothing_is_overwritten),
		cmocka_unit_test(revocation),
		cmocka_unit_test(subordinate_authority),
		cmocka_unit_test(identities_stay_in_the_directory),
		cmocka_unit_test(key_types),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(works_in_parallel),
	};

	return cmocka_run_group_tests_name("pki", tests, lab_setup, lab_teardown);
}
