# What Argo CD and Flux put into the cluster by themselves, and from where.
package mrbot.kubernetes.gitops

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

wide_project := {
	"id": "kubernetes.gitops.wide_project",
	"title": "An Argo CD project that deploys from anywhere, or to anywhere",
	"why": "Whoever may create an application in the project can put anything into any namespace.",
	"fix": "Name the repositories, the clusters and the namespaces, and only the cluster-wide kinds that are needed.",
	"reference": "https://argo-cd.readthedocs.io/en/stable/user-guide/projects/",
	"controls": ["NIST 800-53 AC-6", "CICD-SEC-5"],
}

projects := [resource |
	some resource in objects.present
	regex.match(`^argoproj\.io/[^/]+/AppProject$`, resource.kind)
]

deny_wide_project contains finding.about(resource, wide_project, "deploys from every repository to every namespace") if {
	some resource in projects
	from_anywhere(resource)
	to_anywhere(resource)
}

warn_wide_project contains finding.about(resource, wide_project, "deploys from every repository") if {
	some resource in projects
	from_anywhere(resource)
	not to_anywhere(resource)
}

warn_wide_project contains finding.about(resource, wide_project, "deploys to every namespace of every cluster") if {
	some resource in projects
	to_anywhere(resource)
	not from_anywhere(resource)
}

from_anywhere(resource) if "*" in shape.items(objects.at(resource.after, ["spec", "sourceRepos"]))

to_anywhere(resource) if {
	some destination in shape.blocks(objects.at(resource.after, ["spec", "destinations"]))
	shape.get(destination, "namespace") == "*"
	"*" in {shape.get(destination, "server"), shape.get(destination, "name")}
}

moving_source := {
	"id": "kubernetes.gitops.moving_source",
	"title": "A chart, an artifact or a repository that is followed, rather than pinned",
	"why": "What runs can change without a change.",
	"fix": "Name the chart's version, the tag or the commit; have Renovate or the like propose the next.",
	"reference": "https://fluxcd.io/flux/components/source/",
	"controls": ["NIST 800-53 CM-2", "CICD-SEC-3"],
}

warn_moving_source contains finding.about(resource, moving_source, text) if {
	some resource in objects.present
	regex.match(`^helm\.toolkit\.fluxcd\.io/[^/]+/HelmRelease$`, resource.kind)
	chart := objects.at(resource.after, ["spec", "chart", "spec"])
	is_object(chart)
	objects.at(chart, ["sourceRef", "kind"]) in {null, "HelmRepository"}
	not objects.templated(resource, "spec.chart.spec.version")
	moves(shape.get(chart, "version"))
	text := sprintf("takes whatever version of its chart is newest: %s", [said(shape.get(chart, "version"))])
}

warn_moving_source contains finding.about(resource, moving_source, text) if {
	some resource in objects.present
	some source in sources(resource)
	is_string(shape.get(source, "chart"))
	moves(shape.get(source, "targetRevision"))
	text := sprintf("takes whatever version of its chart is newest: %s %s", [
		shape.shown(shape.get(source, "chart")),
		said(shape.get(source, "targetRevision")),
	])
}

warn_moving_source contains finding.about(resource, moving_source, text) if {
	some resource in objects.present
	regex.match(`^source\.toolkit\.fluxcd\.io/[^/]+/OCIRepository$`, resource.kind)
	reference := objects.at(resource.after, ["spec", "ref"])
	shape.get(reference, "digest") == null
	not names_tag(reference)
	text := "takes whatever artifact is newest: its reference is no tag and no digest"
}

# By this name goes the repository that Flux itself is kept in, which it is there to follow.
warn_moving_source contains finding.about(resource, moving_source, text) if {
	some resource in objects.present
	regex.match(`^source\.toolkit\.fluxcd\.io/[^/]+/GitRepository$`, resource.kind)
	objects.at(resource.after, ["metadata", "name"]) != "flux-system"
	reference := objects.at(resource.after, ["spec", "ref"])
	every name in ["commit", "tag"] { shape.get(reference, name) == null }
	text := "follows a branch or a range of versions"
}

# Where an application is from, or those that a set makes.
sources(resource) := [source |
	regex.match(`^argoproj\.io/[^/]+/Application(Set)?$`, resource.kind)
	some place in [["spec"], ["spec", "template", "spec"]]
	some name in ["source", "sources"]
	some source in shape.blocks(objects.at(resource.after, array.concat(place, [name])))
]

names_tag(reference) if {
	tag := shape.get(reference, "tag")
	is_string(tag)
	tag != "latest"
}

# A version that is none, or a range: `1.x`, `>=1`, `^1.2`, `*`, `1 - 2`.
moves(version) if version in {null, ""}

moves(version) if {
	regex.match(`[*<>=~^|, ]|(^|\.)[xX](\.|$)`, shape.text(version))
	not contains(version, "{{")
}

said(version) := "it names none" if version in {null, ""}

said(version) := shape.shown(version) if not version in {null, ""}

insecure_source := {
	"id": "kubernetes.gitops.insecure_source",
	"title": "A source over a connection that anybody on the way can change",
	"why": "Whoever stands between puts what they want into the cluster.",
	"fix": "Use https, ssh or oci with certificates that are checked.",
	"reference": "https://fluxcd.io/flux/components/source/",
	"controls": ["NIST 800-53 SC-8", "NIST 800-53 SI-7"],
}

deny_insecure_source contains finding.about(resource, insecure_source, text) if {
	some resource in objects.present
	some url in urls(resource)
	regex.match(`(?i)^(http|git)://`, url)
	not inside(url)
	text := sprintf("is fetched over a connection that nobody checks: %s", [shape.shown(url)])
}

deny_insecure_source contains finding.about(resource, insecure_source, "is fetched without encryption or without checking who answers: insecure") if {
	some resource in objects.present
	regex.match(`^source\.toolkit\.fluxcd\.io/[^/]+/(OCI|Helm)Repository$`, resource.kind)
	shape.is_on(objects.at(resource.after, ["spec", "insecure"]))
}

urls(resource) := shape.texts([
	objects.at(resource.after, ["spec", "url"]),
	objects.at(resource.after, ["spec", "chart", "repository"]),
]) if {
	regex.match(`^(source\.toolkit\.fluxcd\.io/[^/]+/(Git|OCI|Helm)Repository|source\.toolkit\.fluxcd\.io/[^/]+/HelmChart)$`, resource.kind)
}

urls(resource) := [shape.text(shape.get(source, "repoURL")) | some source in sources(resource)] if {
	startswith(resource.kind, "argoproj.io/")
}

# A host of the cluster itself.
inside(url) if regex.match(`^[a-z]+://([^/@]*@)?([a-z0-9-]+|[a-z0-9.-]+\.(svc|local|internal|localhost))(:[0-9]+)?(/|$)`, lower(url))

lost_deployment := {
	"id": "kubernetes.gitops.lost_deployment",
	"title": "An Argo CD or Flux object that is deleted with everything it deployed",
	"why": "Everything that it put into the cluster is deleted too, with claims and their data.",
	"fix": "To move it, have what it deployed be orphaned first: no finalizer, prune: false, deletionPolicy: Orphan.",
	"reference": "https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/",
	"controls": ["NIST 800-53 CP-9", "NIST 800-53 CM-3"],
	"parameters": {"approvals": {"default": 1, "about": "How many people have to approve it."}},
}

# The kinds whose deletion deletes other objects, where the reader saw that it does.
deploys(resource) if {
	resource.stateful
	regex.match(`^(argoproj\.io|(kustomize|helm)\.toolkit\.fluxcd\.io)/`, resource.kind)
}

losing := [resource | some resource in objects.lost; deploys(resource)]

warn_lost_deployment contains finding.about(resource, lost_deployment, text) if {
	some resource in losing
	text := sprintf("is %sd, and with it everything that it deployed", [resource.action])
}

require contains finding.approvals(finding.parameter(lost_deployment, "approvals"), "maintain", text) if {
	asking := finding.asking(losing, lost_deployment)
	count(asking) > 0
	text := sprintf("everything is deleted that was deployed by %s", [finding.named(asking)])
}
