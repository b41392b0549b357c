/* SPDX-License-Identifier: MIT */
/*
 * Two KMSs, a third that has the name of the first, and files of theirs: for the tests of the methods that
 * have keys from a KMS.
 */
#ifndef SELFTESTS_UNIT_KEYING_KMS_LAB_H
#define SELFTESTS_UNIT_KEYING_KMS_LAB_H

#include "keying_lab.h"
#include "kms_lab.h"

static struct kms ours, theirs, fake;
static char why[KEYING_TEXT_MAX];

LAB_UNUSED static int kms_files_setup(void **state)
{
	if (lab_setup(state))
		return -1;
	kms_init(&ours, "kms.example.org");
	kms_init(&theirs, "kms.example.net");
	kms_init(&fake, "kms.example.org");
	kms_public(&ours, lab_path("ours"));
	kms_public(&theirs, lab_path("theirs"));
	kms_public(&fake, lab_path("fake"));
	kms_extract(&ours, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.11"));
	kms_extract(&ours, KMS_UE_1, KMS_DECEMBER, lab_path("ue1.12"));
	kms_extract(&ours, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.11"));
	kms_extract(&ours, KMS_UE_2, KMS_DECEMBER, lab_path("ue2.12"));
	kms_extract(&ours, "urn:prose:ue3", KMS_NOVEMBER, lab_path("ue3.11"));
	kms_extract(&theirs, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.theirs"));
	kms_extract(&theirs, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.theirs"));
	kms_extract(&fake, KMS_UE_1, KMS_NOVEMBER, lab_path("ue1.fake"));
	kms_extract(&fake, KMS_UE_2, KMS_NOVEMBER, lab_path("ue2.fake"));
	return 0;
}

LAB_UNUSED static int kms_files_teardown(void **state)
{
	kms_free(&ours);
	kms_free(&theirs);
	kms_free(&fake);
	return lab_teardown(state);
}

#endif
