package mrbot.terraform.versions_test

import data.mrbot.fixtures
import data.mrbot.terraform.versions
import rego.v1

providers(wanted) := fixtures.change([fixtures.terraform("terraform", {"required_providers": [{"aws": wanted}]})])

module(after) := fixtures.change([fixtures.terraform("module", after)])

sha := "0123456789abcdef0123456789abcdef01234567"

test_warn_unpinned_provider_flags_open_constraints if {
	every wanted in [{"source": "hashicorp/aws"}, {"version": ">= 5.0"}, {"version": "> 5, != 5.1"}, ">= 5", {}] {
		count(versions.warn_unpinned_provider) == 1 with input as providers(wanted)
	}
}

test_warn_unpinned_provider_allows_bounded_constraints if {
	every version in ["~> 5.0", "5.1.0", "= 5.1.0", ">= 5.0, < 6.0", "<= 6"] {
		count(versions.warn_unpinned_provider) == 0 with input as providers({"version": version})
		count(versions.warn_unpinned_provider) == 0 with input as providers(version)
	}
	count(versions.warn_unpinned_provider) == 0 with input as providers({"source": "terraform.io/builtin/terraform"})
}

test_deny_unpinned_module_flags_registry_modules if {
	every from in ["terraform-aws-modules/vpc/aws", "app.terraform.io/acme/vpc/aws", "acme/vpc/aws//modules/a"] {
		count(versions.deny_unpinned_module) == 1 with input as module({"source": from})
		count(versions.deny_unpinned_module) == 1 with input as module({"source": from, "version": ">= 1.0"})
	}
}

test_deny_unpinned_module_flags_sources_that_can_move if {
	sources := [
		"git::https://example.com/vpc.git",
		"git::https://example.com/vpc.git?ref=main",
		"git::https://example.com/vpc.git?ref=v1",
		"git@github.com:acme/vpc.git",
		"github.com/acme/vpc",
		"github.com/acme/vpc/aws",
		"https://example.com/vpc.zip",
		"s3::https://s3.amazonaws.com/acme/vpc.zip",
		"/opt/modules/vpc",
	]
	every from in sources {
		count(versions.deny_unpinned_module) == 1 with input as module({"source": from})
	}
}

test_deny_unpinned_module_allows_what_cannot_move if {
	sources := [
		"./modules/vpc",
		"../vpc",
		sprintf("git::https://example.com/vpc.git?ref=%s", [sha]),
		"git::https://example.com/vpc.git//net?depth=1&ref=v1.2.3",
		"github.com/acme/vpc?ref=vpc/v1.2.3-rc.1",
		"github.com/acme/vpc?ref=vpc-1.2.3",
		"https://example.com/vpc.zip?checksum=sha256:abc123",
	]
	every from in sources {
		count(versions.deny_unpinned_module) == 0 with input as module({"source": from})
	}
	count(versions.deny_unpinned_module) == 0 with input as module({"source": "acme/vpc/aws", "version": "~> 1.2"})
	count(versions.deny_unpinned_module) == 0 with input as module({})
}

test_warn_unpinned_module_flags_what_cannot_be_known if {
	open := fixtures.terraform("module", {"source": "acme/vpc/aws", "version": "${var.version}"})
	count(versions.warn_unpinned_module) == 1 with input as fixtures.change([fixtures.unknown(open, ["version"])])
	count(versions.deny_unpinned_module) == 0 with input as fixtures.change([fixtures.unknown(open, ["version"])])
	moving := fixtures.terraform("module", {"source": "git::${var.host}/vpc"})
	count(versions.warn_unpinned_module) == 1 with input as fixtures.change([fixtures.unknown(moving, ["source"])])
}

test_warn_unpinned_module_allows_what_is_known if {
	count(versions.warn_unpinned_module) == 0 with input as module({"source": "./vpc"})
}
