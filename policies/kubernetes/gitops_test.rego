package mrbot.kubernetes.gitops_test

import data.mrbot.fixtures
import data.mrbot.kubernetes.gitops
import rego.v1

of(kind, spec) := fixtures.change([fixtures.manifest(kind, {"metadata": {"name": "it"}, "spec": spec})])

project(repositories, destinations) := of("argoproj.io/v1alpha1/AppProject", {
	"sourceRepos": repositories,
	"destinations": destinations,
})

anywhere := [{"server": "*", "namespace": "*"}]

somewhere := [{"server": "https://kubernetes.default.svc", "namespace": "*"}, {"name": "*", "namespace": "web"}]

repository := "https://git.example.com/team/app.git"

test_deny_wide_project_flags_anything_to_anywhere if {
	count(gitops.deny_wide_project) == 1 with input as project(["*"], anywhere)
	count(gitops.deny_wide_project) == 1 with input as project(["*"], [{"name": "*", "namespace": "*"}])
}

test_deny_wide_project_allows_one_limit if {
	count(gitops.deny_wide_project) == 0 with input as project(["*"], somewhere)
	count(gitops.deny_wide_project) == 0 with input as project([repository], anywhere)
}

test_warn_wide_project_flags_every_repository if {
	count(gitops.warn_wide_project) == 1 with input as project(["*"], somewhere)
}

test_warn_wide_project_flags_every_namespace if {
	count(gitops.warn_wide_project) == 1 with input as project([repository], anywhere)
}

test_warn_wide_project_allows_named_ones if {
	count(gitops.warn_wide_project) == 0 with input as project([repository], somewhere)
	count(gitops.warn_wide_project) == 0 with input as project(["*"], anywhere)
}

release(chart) := of("helm.toolkit.fluxcd.io/v2/HelmRelease", {"chart": {"spec": chart}})

application(source) := of("argoproj.io/v1alpha1/Application", {"source": source})

moving := [null, "", "*", "1.x", ">=1.0.0", "^1.2.0", "~1.2", "1.2.0 - 1.3.0", "1.X.0"]

fixed := ["{{ .version }}", "1.2.3", "v1.2.3", "1.2.3-rc.1", "1.2.3+build.x5"]

test_warn_moving_source_flags_charts_of_flux if {
	every version in moving {
		count(gitops.warn_moving_source) == 1 with input as release({"chart": "a", "version": version})
	}
	count(gitops.warn_moving_source) == 1 with input as release({"chart": "a"})
}

test_warn_moving_source_flags_charts_of_argo if {
	every version in moving {
		count(gitops.warn_moving_source) == 1 with input as application({"chart": "a", "targetRevision": version})
	}
	several := of("argoproj.io/v1alpha1/Application", {"sources": [{"chart": "a", "targetRevision": "*"}, {"path": "b"}]})
	count(gitops.warn_moving_source) == 1 with input as several
}

test_warn_moving_source_flags_charts_of_a_set if {
	set := of("argoproj.io/v1alpha1/ApplicationSet", {"template": {"spec": {"source": {"chart": "a", "targetRevision": "1.x"}}}})
	count(gitops.warn_moving_source) == 1 with input as set
}

oci(reference) := of("source.toolkit.fluxcd.io/v1/OCIRepository", {"url": "oci://example.com/a", "ref": reference})

test_warn_moving_source_flags_artifacts if {
	every reference in [null, {}, {"tag": "latest"}, {"semver": "1.x"}] {
		count(gitops.warn_moving_source) == 1 with input as oci(reference)
	}
}

git(reference) := of("source.toolkit.fluxcd.io/v1/GitRepository", {"url": repository, "ref": reference})

test_warn_moving_source_flags_branches if {
	every reference in [null, {}, {"branch": "main"}, {"semver": "*"}] {
		count(gitops.warn_moving_source) == 1 with input as git(reference)
	}
}

test_warn_moving_source_allows_what_is_pinned if {
	every version in fixed {
		count(gitops.warn_moving_source) == 0 with input as release({"chart": "a", "version": version})
		count(gitops.warn_moving_source) == 0 with input as application({"chart": "a", "targetRevision": version})
	}
	count(gitops.warn_moving_source) == 0 with input as oci({"tag": "1.2.3"})
	count(gitops.warn_moving_source) == 0 with input as oci({"digest": "sha256:0123"})
	count(gitops.warn_moving_source) == 0 with input as git({"tag": "v1.2.3"})
	count(gitops.warn_moving_source) == 0 with input as git({"branch": "main", "commit": "0123456789abcdef0123456789abcdef01234567"})
}

test_warn_moving_source_allows_the_repository_itself if {
	count(gitops.warn_moving_source) == 0 with input as application({"repoURL": repository, "path": "a", "targetRevision": "HEAD"})
	count(gitops.warn_moving_source) == 0 with input as release({"chart": "./charts/a", "sourceRef": {"kind": "GitRepository", "name": "it"}})
	own := fixtures.manifest("source.toolkit.fluxcd.io/v1/GitRepository", {
		"metadata": {"name": "flux-system"},
		"spec": {"ref": {"branch": "main"}},
	})
	count(gitops.warn_moving_source) == 0 with input as fixtures.change([own])
	open := fixtures.manifest("helm.toolkit.fluxcd.io/v2/HelmRelease", {"spec": {"chart": {"spec": {"version": "{{ .v }}"}}}})
	count(gitops.warn_moving_source) == 0 with input as fixtures.change([fixtures.unknown(open, ["spec.chart.spec.version"])])
}

flux(kind, spec) := of(sprintf("source.toolkit.fluxcd.io/v1/%s", [kind]), spec)

test_deny_insecure_source_flags_plain_connections if {
	every url in ["http://charts.example.com/", "git://example.com/a", "HTTP://example.com"] {
		count(gitops.deny_insecure_source) == 1 with input as flux("HelmRepository", {"url": url})
		count(gitops.deny_insecure_source) == 1 with input as flux("GitRepository", {"url": url})
		count(gitops.deny_insecure_source) == 1 with input as application({"repoURL": url})
	}
}

test_deny_insecure_source_flags_the_setting if {
	count(gitops.deny_insecure_source) == 1 with input as flux("OCIRepository", {"url": "oci://example.com/a", "insecure": true})
}

test_deny_insecure_source_allows_checked_connections_and_the_cluster if {
	every url in [repository, "ssh://git@example.com/a", "oci://example.com/a", "http://charts.flux-system.svc.cluster.local:8080/", "http://charts/"] {
		count(gitops.deny_insecure_source) == 0 with input as flux("HelmRepository", {"url": url, "insecure": false})
		count(gitops.deny_insecure_source) == 0 with input as application({"repoURL": url})
	}
	count(gitops.deny_insecure_source) == 0 with input as of("example.com/v1/Thing", {"url": "http://example.com"})
}

owners := [
	"argoproj.io/v1alpha1/Application",
	"helm.toolkit.fluxcd.io/v2/HelmRelease",
	"kustomize.toolkit.fluxcd.io/v1/Kustomization",
]

test_warn_lost_deployment_flags_what_deploys_others if {
	every kind in owners {
		owner := fixtures.stateful(fixtures.manifest(kind, {}))
		count(gitops.warn_lost_deployment) == 1 with input as fixtures.change([fixtures.deleted(owner)])
	}
}

test_warn_lost_deployment_allows_what_leaves_it_in_place if {
	every kind in owners {
		count(gitops.warn_lost_deployment) == 0 with input as fixtures.change([fixtures.deleted(fixtures.manifest(kind, {}))])
		count(gitops.warn_lost_deployment) == 0 with input as fixtures.change([fixtures.stateful(fixtures.manifest(kind, {}))])
	}
	claim := fixtures.stateful(fixtures.manifest("v1/PersistentVolumeClaim", {}))
	count(gitops.warn_lost_deployment) == 0 with input as fixtures.change([fixtures.deleted(claim)])
}

test_require_flags_lost_deployments if {
	owner := fixtures.stateful(fixtures.manifest(owners[0], {}))
	demands := gitops.require with input as fixtures.change([fixtures.deleted(owner)])
	demands == {{"msg": "everything is deleted that was deployed by prod/it", "count": 1, "roles": ["maintain"]}}
}

test_require_allows_everything_else if {
	count(gitops.require) == 0 with input as application({"repoURL": repository})
}
