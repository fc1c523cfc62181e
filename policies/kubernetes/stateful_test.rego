package mrbot.kubernetes.stateful_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.stateful
import rego.v1

claim := fixtures.stateful(fixtures.manifest("v1/PersistentVolumeClaim", {"spec": {}}))

release := fixtures.stateful(fixtures.manifest("helm.toolkit.fluxcd.io/v2/HelmRelease", {"spec": {}}))

test_warn_lost_data_flags_what_holds_data if {
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([fixtures.deleted(claim)])
	count(stateful.warn_lost_data) == 1 with input as fixtures.change([fixtures.replaced(claim)])
}

test_warn_lost_data_allows_what_holds_none_and_what_stays if {
	count(stateful.warn_lost_data) == 0 with input as fixtures.change([claim, fixtures.updated(claim, {"spec": {"a": 1}})])
	count(stateful.warn_lost_data) == 0 with input as fixtures.change([fixtures.deleted(fixtures.manifest("v1/Service", {}))])
	count(stateful.warn_lost_data) == 0 with input as fixtures.change([fixtures.deleted(release)])
}

annotated(name, value) := {"metadata": {"annotations": {name: value}}}

protections := [
	{"reclaimPolicy": "Retain"},
	{"spec": {"persistentVolumeReclaimPolicy": "Retain"}},
	{"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain"}}},
	{"deletionPolicy": "Retain"},
	{"spec": {"deletionPolicy": "Orphan"}},
	annotated("helm.sh/resource-policy", "keep"),
	annotated("argocd.argoproj.io/sync-options", "Prune=false"),
	annotated("argocd.argoproj.io/sync-options", "Delete=false,Validate=false"),
	annotated("kustomize.toolkit.fluxcd.io/prune", "disabled"),
]

change(before, after) := fixtures.change([fixtures.updated(fixtures.manifest("example.com/v1/Thing", after), before)])

test_warn_lost_protection_flags_each_way_to_keep_something if {
	every protection in protections {
		count(stateful.warn_lost_protection) == 1 with input as change(protection, {})
	}
	count(stateful.warn_lost_protection) == 1 with input as change({"reclaimPolicy": "Retain"}, {"reclaimPolicy": "Delete"})
}

test_warn_lost_protection_allows_what_is_kept_and_what_never_was if {
	every protection in protections {
		count(stateful.warn_lost_protection) == 0 with input as change(protection, protection)
		count(stateful.warn_lost_protection) == 0 with input as change({}, protection)
	}
	count(stateful.warn_lost_protection) == 0 with input as change({"reclaimPolicy": "Delete"}, {})
}

test_require_flags_lost_data if {
	demands := stateful.require with input as fixtures.change([fixtures.deleted(claim)])
	demands == {{"msg": "data is lost with prod/it", "count": 2, "roles": ["write"]}}
}

test_require_allows_everything_else if {
	count(stateful.require) == 0 with input as fixtures.change([claim])
	count(stateful.require) == 0 with input as fixtures.change([fixtures.deleted(release)])
}
