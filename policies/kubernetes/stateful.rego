# Data that goes away with its object. A deletion may be what everybody wants, so nothing is denied
# here: it is said aloud, and it takes two people.
package mrbot.kubernetes.stateful

import data.mrbot.finding
import data.mrbot.kubernetes.gitops
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

lost_data := {
	"id": "kubernetes.stateful.lost_data",
	"title": "A claim, a volume, a namespace, a database or a kind of objects that is deleted",
	"why": "The data goes away with the object: a namespace takes all that is in it, a kind all objects of it.",
	"fix": "Check that a backup exists and was restored once.",
	"reference": "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
	"controls": ["NIST 800-53 CP-9"],
	"parameters": {"approvals": {"default": 2, "about": "How many people have to approve it."}},
}

# What deploys other objects has a rule of its own.
losing := [resource |
	some resource in objects.lost
	resource.stateful
	not gitops.deploys(resource)
]

warn_lost_data contains finding.about(resource, lost_data, text) if {
	some resource in losing
	text := sprintf("is %sd, and the data that it holds goes with it", [resource.action])
}

lost_protection := {
	"id": "kubernetes.stateful.lost_protection",
	"title": "An object that held data beyond its deletion, and does no longer",
	"why": "The next change, or the next deletion of a claim, could delete the data.",
	"fix": "Keep the reclaim policy, the annotation or the setting.",
	"reference": "https://kubernetes.io/docs/tasks/administer-cluster/change-pv-reclaim-policy/",
	"controls": ["NIST 800-53 CP-9"],
}

warn_lost_protection contains finding.about(unprotected.resource, lost_protection, text) if {
	some unprotected in losing_protection
	text := sprintf("does not outlive its deletion any more: %s is gone", [concat(", ", sort(unprotected.protections))])
}

losing_protection := [{"resource": resource, "protections": protections} |
	some resource in objects.kept
	protections := protected_by(resource.before) - protected_by(resource.after)
	count(protections) > 0
]

# Each way to keep something, with where it is said and how.
keeping := {
	"reclaimPolicy: Retain": {"path": ["reclaimPolicy"], "pattern": `^Retain$`},
	"persistentVolumeReclaimPolicy: Retain": {"path": ["spec", "persistentVolumeReclaimPolicy"], "pattern": `^Retain$`},
	"persistentVolumeClaimRetentionPolicy.whenDeleted: Retain": {
		"path": ["spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"],
		"pattern": `^Retain$`,
	},
	"deletionPolicy: Retain": {"path": ["deletionPolicy"], "pattern": `^Retain$`},
	"deletionPolicy: Orphan": {"path": ["spec", "deletionPolicy"], "pattern": `^Orphan$`},
	"helm.sh/resource-policy: keep": {"path": ["metadata", "annotations", "helm.sh/resource-policy"], "pattern": `keep`},
	"argocd.argoproj.io/sync-options: Delete=false": {
		"path": ["metadata", "annotations", "argocd.argoproj.io/sync-options"],
		"pattern": `Delete=false`,
	},
	"argocd.argoproj.io/sync-options: Prune=false": {
		"path": ["metadata", "annotations", "argocd.argoproj.io/sync-options"],
		"pattern": `Prune=false`,
	},
	"kustomize.toolkit.fluxcd.io/prune: disabled": {
		"path": ["metadata", "annotations", "kustomize.toolkit.fluxcd.io/prune"],
		"pattern": `^disabled$`,
	},
}

protected_by(side) := {name |
	some name, way in keeping
	regex.match(way.pattern, shape.text(objects.at(side, way.path)))
}

require contains finding.approvals(finding.parameter(lost_data, "approvals"), "write", text) if {
	asking := finding.asking(losing, lost_data)
	count(asking) > 0
	text := sprintf("data is lost with %s", [finding.named(asking)])
}
