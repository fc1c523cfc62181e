package mrbot.terraform.compute_test

import data.mrbot.fixtures
import data.mrbot.terraform.compute
import rego.v1

deny_imds_v1(resource) := count(found) if {
	found := compute.deny_imds_v1 with input as fixtures.change([resource])
}

test_deny_imds_v1_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "optional"}]}),
		fixtures.terraform("aws_launch_template", {"metadata_options": [{"http_tokens": "optional"}]}),
		fixtures.terraform("aws_launch_configuration", {"metadata_options": [{"http_tokens": "optional"}]}),
		fixtures.terraform("aws_ec2_instance_metadata_defaults", {"http_tokens": "optional"}),
	] {
		deny_imds_v1(resource) == 1
	}
}

test_deny_imds_v1_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "required"}]}),
		fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "optional", "http_endpoint": "disabled"}]}),
		fixtures.terraform("aws_ec2_instance_metadata_defaults", {}),
		fixtures.terraform("aws_instance", {}),
		fixtures.terraform("aws_launch_template", {"metadata_options": [{"http_endpoint": "enabled"}]}),
		fixtures.unknown(fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "${var.tokens}"}]}), ["metadata_options.0.http_tokens"]),
	] {
		deny_imds_v1(resource) == 0
	}
}

warn_imds_v1(resource) := count(found) if {
	found := compute.warn_imds_v1 with input as fixtures.change([resource])
}

test_warn_imds_v1_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("aws_instance", {}),
		fixtures.terraform("aws_launch_template", {"metadata_options": [{"http_endpoint": "enabled"}]}),
		fixtures.unknown(fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "${var.tokens}"}]}), ["metadata_options.0.http_tokens"]),
	] {
		warn_imds_v1(resource) == 1
	}
}

test_warn_imds_v1_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "required"}]}),
		fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "optional", "http_endpoint": "disabled"}]}),
		fixtures.terraform("aws_ec2_instance_metadata_defaults", {}),
		fixtures.terraform("aws_instance", {"metadata_options": [{"http_tokens": "optional"}]}),
		fixtures.terraform("aws_launch_template", {"metadata_options": [{"http_tokens": "optional"}]}),
		fixtures.terraform("aws_launch_configuration", {"metadata_options": [{"http_tokens": "optional"}]}),
		fixtures.terraform("aws_ec2_instance_metadata_defaults", {"http_tokens": "optional"}),
	] {
		warn_imds_v1(resource) == 0
	}
}

deny_weak_login(resource) := count(found) if {
	found := compute.deny_weak_login with input as fixtures.change([resource])
}

test_deny_weak_login_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("azurerm_linux_virtual_machine", {"disable_password_authentication": false}),
		fixtures.terraform("azurerm_linux_virtual_machine_scale_set", {"disable_password_authentication": false}),
		fixtures.terraform("azurerm_virtual_machine", {"os_profile_linux_config": [{"disable_password_authentication": false}]}),
		fixtures.terraform("google_compute_project_metadata", {"metadata": {"enable-oslogin": "FALSE"}}),
		fixtures.terraform("google_compute_instance", {"metadata": {"serial-port-enable": true}}),
		fixtures.terraform("google_compute_instance_template", {"metadata": {"serial-port-enable": "1"}}),
		fixtures.terraform("google_compute_instance", {"metadata": {"enable-oslogin": false}}),
	] {
		deny_weak_login(resource) == 1
	}
}

test_deny_weak_login_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_linux_virtual_machine", {}),
		fixtures.terraform("google_compute_instance", {}),
		fixtures.terraform("google_compute_instance", {"metadata": {"enable-oslogin": "TRUE", "serial-port-enable": "FALSE"}}),
		fixtures.unknown(fixtures.terraform("azurerm_linux_virtual_machine", {"disable_password_authentication": "${var.x}"}), ["disable_password_authentication"]),
	] {
		deny_weak_login(resource) == 0
	}
}

warn_weak_login(resource) := count(found) if {
	found := compute.warn_weak_login with input as fixtures.change([resource])
}

test_warn_weak_login_flags_what_may_be_wrong if {
	every resource in [
		fixtures.unknown(fixtures.terraform("azurerm_linux_virtual_machine", {"disable_password_authentication": "${var.x}"}), ["disable_password_authentication"]),
	] {
		warn_weak_login(resource) == 1
	}
}

test_warn_weak_login_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("azurerm_linux_virtual_machine", {}),
		fixtures.terraform("google_compute_instance", {}),
		fixtures.terraform("google_compute_instance", {"metadata": {"enable-oslogin": "TRUE", "serial-port-enable": "FALSE"}}),
		fixtures.terraform("azurerm_linux_virtual_machine", {"disable_password_authentication": false}),
		fixtures.terraform("azurerm_linux_virtual_machine_scale_set", {"disable_password_authentication": false}),
		fixtures.terraform("azurerm_virtual_machine", {"os_profile_linux_config": [{"disable_password_authentication": false}]}),
		fixtures.terraform("google_compute_project_metadata", {"metadata": {"enable-oslogin": "FALSE"}}),
		fixtures.terraform("google_compute_instance", {"metadata": {"serial-port-enable": true}}),
		fixtures.terraform("google_compute_instance_template", {"metadata": {"serial-port-enable": "1"}}),
		fixtures.terraform("google_compute_instance", {"metadata": {"enable-oslogin": false}}),
	] {
		warn_weak_login(resource) == 0
	}
}

deny_default_identity(resource) := count(found) if {
	found := compute.deny_default_identity with input as fixtures.change([resource])
}

test_deny_default_identity_flags_what_is_wrong if {
	every resource in [
		fixtures.terraform("google_compute_instance", {"service_account": [{"scopes": ["cloud-platform"]}]}),
		fixtures.terraform("google_compute_instance_template", {"service_account": [{"scopes": ["storage-ro", "https://www.googleapis.com/auth/cloud-platform"], "email": "default"}]}),
		fixtures.terraform("google_compute_instance", {"service_account": [{"scopes": ["cloud-platform"], "email": "123-compute@developer.gserviceaccount.com"}]}),
	] {
		deny_default_identity(resource) == 1
	}
}

test_deny_default_identity_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("google_compute_instance", {}),
		fixtures.terraform("google_compute_instance", {"service_account": [{"scopes": ["storage-ro"]}]}),
		fixtures.terraform("google_compute_instance", {"service_account": [{"scopes": ["cloud-platform"], "email": "web@acme.iam.gserviceaccount.com"}]}),
		fixtures.unknown(fixtures.terraform("google_compute_instance", {"service_account": [{"scopes": ["cloud-platform"]}]}), ["service_account.0.email"]),
		fixtures.unknown(fixtures.terraform("google_compute_instance", {"service_account": [{"scopes": ["cloud-platform"], "email": "${google_service_account.web.email}"}]}), ["service_account.0.email"]),
	] {
		deny_default_identity(resource) == 0
	}
}
