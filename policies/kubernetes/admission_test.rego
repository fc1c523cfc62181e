package mrbot.kubernetes.admission_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.admission
import rego.v1

webhooks(policy) := fixtures.manifest("admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration", {"webhooks": [{
	"name": "check.example.com",
	"failurePolicy": policy,
}]})

expressions(policy) := fixtures.manifest("admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy", {"spec": {"failurePolicy": policy}})

test_warn_fails_open_flags_webhooks_that_are_ignored if {
	count(admission.warn_fails_open) == 1 with input as fixtures.change([webhooks("Ignore")])
}

test_warn_fails_open_flags_policies_that_are_ignored if {
	count(admission.warn_fails_open) == 1 with input as fixtures.change([expressions("Ignore")])
	kyverno := fixtures.manifest("kyverno.io/v1/ClusterPolicy", expressions("Ignore").after)
	count(admission.warn_fails_open) == 1 with input as fixtures.change([kyverno])
}

test_warn_fails_open_allows_what_fails_closed_and_what_checks_nothing if {
	count(admission.warn_fails_open) == 0 with input as fixtures.change([webhooks("Fail"), expressions("Fail")])
	mutating := fixtures.manifest("admissionregistration.k8s.io/v1/MutatingWebhookConfiguration", webhooks("Ignore").after)
	count(admission.warn_fails_open) == 0 with input as fixtures.change([mutating])
}

checks := [
	"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
	"admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
	"constraints.gatekeeper.sh/v1beta1/K8sRequiredLabels",
	"kyverno.io/v1/ClusterPolicy",
	"policies.kyverno.io/v1/ValidatingPolicy",
]

test_warn_lost_check_flags_deleted_checks if {
	every kind in checks {
		count(admission.warn_lost_check) == 1 with input as fixtures.change([fixtures.deleted(fixtures.manifest(kind, {}))])
	}
}

# What refuses, and the same when it only tells.
weakened := [
	["kyverno.io/v1/ClusterPolicy", {"spec": {"validationFailureAction": "Enforce"}}, {"spec": {"validationFailureAction": "Audit"}}],
	["kyverno.io/v1/Policy", {"spec": {"rules": [{"validate": {"failureAction": "enforce"}}]}}, {"spec": {"rules": []}}],
	["constraints.gatekeeper.sh/v1beta1/K8sRequiredLabels", {"spec": {}}, {"spec": {"enforcementAction": "dryrun"}}],
	[
		"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
		{"spec": {"validationActions": ["Deny", "Audit"]}}, {"spec": {"validationActions": ["Audit"]}},
	],
]

test_warn_lost_check_flags_checks_that_only_tell_from_now_on if {
	every case in weakened {
		resource := fixtures.updated(fixtures.manifest(case[0], case[2]), case[1])
		count(admission.warn_lost_check) == 1 with input as fixtures.change([resource])
	}
}

namespace(level) := fixtures.manifest("v1/Namespace", {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}})

test_warn_lost_check_flags_namespaces_that_ask_less if {
	every levels in [["restricted", "baseline"], ["baseline", "privileged"], ["restricted", ""]] {
		resource := fixtures.updated(namespace(levels[1]), namespace(levels[0]).after)
		count(admission.warn_lost_check) == 1 with input as fixtures.change([resource])
	}
}

test_warn_lost_check_allows_the_same_and_more if {
	every case in weakened {
		count(admission.warn_lost_check) == 0 with input as fixtures.change([fixtures.updated(fixtures.manifest(case[0], case[1]), case[2])])
		count(admission.warn_lost_check) == 0 with input as fixtures.change([fixtures.updated(fixtures.manifest(case[0], case[2]), case[2])])
		count(admission.warn_lost_check) == 0 with input as fixtures.change([fixtures.manifest(case[0], case[2])])
	}
	count(admission.warn_lost_check) == 0 with input as fixtures.change([fixtures.updated(namespace("restricted"), namespace("baseline").after)])
	count(admission.warn_lost_check) == 0 with input as fixtures.change([fixtures.deleted(fixtures.manifest("v1/Service", {}))])
}

test_require_flags_lost_checks if {
	demands := admission.require with input as fixtures.change([fixtures.deleted(webhooks("Fail"))])
	demands == {{"msg": "fewer checks of objects without prod/it", "count": 1, "roles": ["maintain"]}}
}

test_require_allows_everything_else if {
	count(admission.require) == 0 with input as fixtures.change([webhooks("Ignore"), namespace("baseline")])
}
