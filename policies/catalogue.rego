# Every rule that `data.library` may name, with the defaults of its parameters. Made from the
# rules themselves by `make library`.
package mrbot.catalogue

import rego.v1

rules := {
	"ci.github.lost_job": {},
	"ci.github.unpinned_action": {},
	"ci.github.untrusted_checkout": {},
	"ci.github.wide_permissions": {},
	"ci.gitlab.lost_job": {},
	"ci.gitlab.unpinned_include": {},
	"kubernetes.access.anonymous": {},
	"kubernetes.access.cluster_admin": {},
	"kubernetes.access.wildcard": {},
	"kubernetes.secrets.plain": {},
	"kubernetes.workload.host_namespace": {},
	"kubernetes.workload.host_path": {},
	"kubernetes.workload.mutable_image": {},
	"kubernetes.workload.no_memory_limit": {},
	"kubernetes.workload.privilege_escalation": {},
	"kubernetes.workload.privileged": {},
	"kubernetes.workload.root": {},
	"terraform.encryption.storage": {},
	"terraform.iam.administrator": {},
	"terraform.iam.public_principal": {},
	"terraform.iam.wildcard": {},
	"terraform.network.open_admin_port": {},
	"terraform.network.open_port": {"ports": [80, 443]},
	"terraform.network.public_database": {},
	"terraform.stateful.lost_data": {"approvals": 2},
	"terraform.stateful.lost_module": {"approvals": 2},
	"terraform.stateful.lost_protection": {},
	"terraform.storage.public_access": {},
	"terraform.storage.public_access_block": {},
	"terraform.storage.public_acl": {},
	"terraform.versions.unpinned_module": {},
	"terraform.versions.unpinned_provider": {},
}
