"""Terraform for AWS, Azure and Google in which the rules of the clouds find something, and its twin."""

BEFORE = {
    "prod/old.tf": """
resource "aws_cloudtrail" "old" {
  is_multi_region_trail      = true
  enable_log_file_validation = true
}

resource "aws_s3_bucket_versioning" "old" {
  versioning_configuration {
    status = "Enabled"
  }
}
""",
}

BAD = {
    "prod/aws.tf": """
terraform {
  backend "s3" {
    bucket     = "state"
    secret_key = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz"
  }
}

provider "aws" {
  access_key = "AKIAI44QH8DHBEXAMPLE"
  secret_key = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz"
}

resource "aws_instance" "web" {
  metadata_options {
    http_tokens = "optional"
  }
}

resource "aws_launch_template" "web" {
}

resource "aws_eks_cluster" "main" {
  vpc_config {
    subnet_ids = var.subnets
  }
}

resource "aws_eks_cluster" "unknown" {
  vpc_config {
    public_access_cidrs = var.offices
  }
}

resource "aws_ecr_repository" "app" {
}

resource "aws_kms_key" "data" {
}

resource "aws_secretsmanager_secret" "db" {
  recovery_window_in_days = 0
}

resource "aws_cloudtrail" "all" {
  enable_log_file_validation = true
}

resource "aws_db_instance" "main" {
  storage_encrypted       = true
  backup_retention_period = 0
  skip_final_snapshot     = true
}

resource "aws_rds_cluster" "main" {
  storage_encrypted       = true
  backup_retention_period = 1
}

resource "aws_sns_topic" "alarms" {
}

resource "aws_kinesis_stream" "clicks" {
}

resource "aws_opensearch_domain" "logs" {
  encrypt_at_rest {
    enabled = false
  }
  domain_endpoint_options {
    enforce_https       = false
    tls_security_policy = "Policy-Min-TLS-1-0-2019-07"
  }
}

resource "aws_lb_listener" "http" {
  protocol = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_lb_listener" "https" {
  protocol   = "HTTPS"
  ssl_policy = "ELBSecurityPolicy-2016-08"
  default_action {
    type = "forward"
  }
}

resource "aws_cloudfront_distribution" "site" {
  default_cache_behavior {
    viewer_protocol_policy = "allow-all"
  }
  viewer_certificate {
    minimum_protocol_version = "TLSv1"
  }
}

resource "aws_elasticache_replication_group" "sessions" {
  at_rest_encryption_enabled = true
}

resource "aws_iam_role" "deploy" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::1234:oidc-provider/token.actions.githubusercontent.com" }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
      }
    }]
  })
}

data "aws_iam_policy_document" "gitlab" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::123456789012:oidc-provider/gitlab.com"]
    }
    condition {
      test     = "StringLike"
      variable = "gitlab.com:sub"
      values   = ["project_path:acme/*"]
    }
  }
}

resource "aws_iam_access_key" "ci" {
  user = "ci"
}

resource "aws_iam_account_password_policy" "all" {
  minimum_password_length = 8
}

resource "aws_lambda_function" "report" {
  environment {
    variables = {
      DB_PASSWORD = "correct-horse-battery-9"
      API_TOKEN   = var.token
      DB_ARN      = aws_db_instance.main.arn
    }
  }
}

resource "aws_default_vpc" "main" {
}

resource "null_resource" "migrate" {
  provisioner "local-exec" {
    command = "make migrate"
  }
}

data "external" "version" {
  program = ["sh", "version.sh"]
}
""",
    "prod/azure.tf": """
resource "azurerm_storage_account" "files" {
  https_traffic_only_enabled = false
  min_tls_version            = "TLS1_0"
}

resource "azurerm_linux_web_app" "site" {
  https_only = false
  site_config {
    minimum_tls_version = "1.1"
  }
}

resource "azurerm_key_vault" "main" {
}

resource "azurerm_kubernetes_cluster" "main" {
  role_based_access_control_enabled = false
}

resource "azurerm_linux_virtual_machine" "jump" {
  disable_password_authentication = false
}

resource "azurerm_mssql_server" "main" {
  public_network_access_enabled = true
}

resource "azurerm_mssql_firewall_rule" "azure" {
  start_ip_address = "0.0.0.0"
  end_ip_address   = "0.0.0.0"
}
""",
    "prod/google.tf": """
resource "google_container_cluster" "main" {
  enable_legacy_abac = true
}

resource "google_compute_instance" "worker" {
  metadata = {
    serial-port-enable = "TRUE"
  }
  network_interface {
    network = "default"
  }
  service_account {
    scopes = ["cloud-platform"]
  }
}

resource "google_sql_database_instance" "main" {
  deletion_protection = false
  settings {
    ip_configuration {
      ssl_mode = "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
    }
  }
}

resource "google_storage_bucket" "exports" {
  versioning {
    enabled = false
  }
}

resource "google_kms_crypto_key" "data" {
}

resource "google_service_account_key" "ci" {
}

resource "google_pubsub_topic_iam_member" "everybody" {
  member = "allUsers"
}

resource "google_cloud_run_v2_service_iam_member" "web" {
  member = "allUsers"
}

resource "google_iam_workload_identity_pool_provider" "github" {
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
""",
}

FOUND = {
    ("warn", "terraform.logging.lost_log", "aws_cloudtrail.old"),
    ("warn", "terraform.storage.no_versioning", "aws_s3_bucket_versioning.old"),
    ("warn", "terraform.state.unsafe_backend", "terraform"),
    ("deny", "terraform.credentials.provider", "terraform"),
    ("deny", "terraform.credentials.provider", "provider.aws"),
    ("deny", "terraform.compute.imds_v1", "aws_instance.web"),
    ("warn", "terraform.compute.imds_v1", "aws_launch_template.web"),
    ("deny", "terraform.cluster.public_endpoint", "aws_eks_cluster.main"),
    ("warn", "terraform.cluster.public_endpoint", "aws_eks_cluster.unknown"),
    ("warn", "terraform.registry.mutable_tags", "aws_ecr_repository.app"),
    ("deny", "terraform.keys.no_rotation", "aws_kms_key.data"),
    ("deny", "terraform.keys.no_recovery", "aws_secretsmanager_secret.db"),
    ("deny", "terraform.logging.incomplete_trail", "aws_cloudtrail.all"),
    ("deny", "terraform.backup.no_backup", "aws_db_instance.main"),
    ("warn", "terraform.backup.no_backup", "aws_rds_cluster.main"),
    ("warn", "terraform.backup.unprotected", "aws_db_instance.main"),
    ("warn", "terraform.backup.unprotected", "aws_rds_cluster.main"),
    ("warn", "terraform.encryption.queue", "aws_sns_topic.alarms"),
    ("deny", "terraform.encryption.queue", "aws_kinesis_stream.clicks"),
    ("deny", "terraform.encryption.storage", "aws_opensearch_domain.logs"),
    ("deny", "terraform.transport.plain_access", "aws_opensearch_domain.logs"),
    ("deny", "terraform.transport.old_tls", "aws_opensearch_domain.logs"),
    ("deny", "terraform.transport.plain_listener", "aws_lb_listener.http"),
    ("deny", "terraform.transport.old_tls", "aws_lb_listener.https"),
    ("deny", "terraform.transport.plain_access", "aws_cloudfront_distribution.site"),
    ("deny", "terraform.transport.old_tls", "aws_cloudfront_distribution.site"),
    ("warn", "terraform.transport.plain_access", "aws_elasticache_replication_group.sessions"),
    ("deny", "terraform.federation.open_trust", "aws_iam_role.deploy"),
    ("warn", "terraform.federation.open_trust", "data.aws_iam_policy_document.gitlab"),
    ("warn", "terraform.iam.long_lived_key", "aws_iam_access_key.ci"),
    ("deny", "terraform.iam.password_policy", "aws_iam_account_password_policy.all"),
    ("deny", "terraform.credentials.environment", "aws_lambda_function.report"),
    ("warn", "terraform.credentials.environment", "aws_lambda_function.report"),
    ("warn", "terraform.network.default_network", "aws_default_vpc.main"),
    ("warn", "terraform.execution.provisioner", "null_resource.migrate"),
    ("warn", "terraform.execution.program", "data.external.version"),
    ("deny", "terraform.transport.plain_access", "azurerm_storage_account.files"),
    ("deny", "terraform.transport.old_tls", "azurerm_storage_account.files"),
    ("warn", "terraform.storage.public_account", "azurerm_storage_account.files"),
    ("deny", "terraform.transport.plain_access", "azurerm_linux_web_app.site"),
    ("deny", "terraform.transport.old_tls", "azurerm_linux_web_app.site"),
    ("deny", "terraform.keys.no_recovery", "azurerm_key_vault.main"),
    ("deny", "terraform.cluster.public_endpoint", "azurerm_kubernetes_cluster.main"),
    ("deny", "terraform.cluster.legacy_access", "azurerm_kubernetes_cluster.main"),
    ("deny", "terraform.compute.weak_login", "azurerm_linux_virtual_machine.jump"),
    ("deny", "terraform.network.public_database", "azurerm_mssql_server.main"),
    ("warn", "terraform.network.public_database", "azurerm_mssql_firewall_rule.azure"),
    ("deny", "terraform.cluster.public_endpoint", "google_container_cluster.main"),
    ("deny", "terraform.cluster.legacy_access", "google_container_cluster.main"),
    ("deny", "terraform.compute.weak_login", "google_compute_instance.worker"),
    ("deny", "terraform.compute.default_identity", "google_compute_instance.worker"),
    ("warn", "terraform.network.default_network", "google_compute_instance.worker"),
    ("warn", "terraform.backup.unprotected", "google_sql_database_instance.main"),
    ("deny", "terraform.backup.no_backup", "google_sql_database_instance.main"),
    ("deny", "terraform.transport.plain_access", "google_sql_database_instance.main"),
    ("warn", "terraform.storage.no_versioning", "google_storage_bucket.exports"),
    ("deny", "terraform.storage.object_acls", "google_storage_bucket.exports"),
    ("deny", "terraform.keys.no_rotation", "google_kms_crypto_key.data"),
    ("warn", "terraform.iam.long_lived_key", "google_service_account_key.ci"),
    ("deny", "terraform.iam.public_member", "google_pubsub_topic_iam_member.everybody"),
    ("warn", "terraform.iam.public_member", "google_cloud_run_v2_service_iam_member.web"),
    (
        "deny",
        "terraform.federation.open_trust",
        "google_iam_workload_identity_pool_provider.github",
    ),
}

DEMANDED = {
    (1, "maintain", "programs are run by data.external.version, null_resource.migrate"),
}

GOOD = {
    **BEFORE,
    "prod/aws.tf": """
terraform {
  backend "s3" {
    bucket       = "state"
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region
  assume_role {
    role_arn = var.role
  }
}

resource "aws_instance" "web" {
  metadata_options {
    http_tokens = "required"
  }
  user_data = file("start.sh")
}

resource "aws_eks_cluster" "main" {
  vpc_config {
    subnet_ids              = var.subnets
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}

resource "aws_ecr_repository" "app" {
  image_tag_mutability = "IMMUTABLE"
}

resource "aws_kms_key" "data" {
  enable_key_rotation = true
}

resource "aws_kms_key" "signing" {
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"
}

resource "aws_db_instance" "main" {
  storage_encrypted       = true
  backup_retention_period = 14
  deletion_protection     = true
}

resource "aws_db_instance" "copy" {
  storage_encrypted   = true
  replicate_source_db = aws_db_instance.main.identifier
  skip_final_snapshot = true
}

resource "aws_sns_topic" "alarms" {
  kms_master_key_id = aws_kms_key.data.id
}

resource "aws_sqs_queue" "jobs" {
}

resource "aws_lb_listener" "http" {
  port     = 80
  protocol = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  protocol   = "HTTPS"
  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  default_action {
    type = "forward"
  }
}

resource "aws_cloudfront_distribution" "site" {
  default_cache_behavior {
    viewer_protocol_policy = "redirect-to-https"
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_iam_role" "deploy" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:acme/infra:ref:refs/heads/main"
        }
      }
    }]
  })
}

resource "aws_lambda_function" "report" {
  environment {
    variables = {
      STAGE          = "prod"
      DB_SECRET_ARN  = aws_secretsmanager_secret.db.arn
      TOKEN_ENDPOINT = "https://login.example.com/token"
    }
  }
}
""",
    "prod/azure.tf": """
resource "azurerm_storage_account" "files" {
  allow_nested_items_to_be_public = false
}

resource "azurerm_linux_web_app" "site" {
  https_only = true
  site_config {
  }
  app_settings = {
    "STAGE" = "prod"
  }
}

resource "azurerm_key_vault" "main" {
  purge_protection_enabled = true
}

resource "azurerm_kubernetes_cluster" "main" {
  private_cluster_enabled = true
}

resource "azurerm_mssql_server" "main" {
  public_network_access_enabled = false
}
""",
    "prod/google.tf": """
resource "google_container_cluster" "main" {
  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = true
  }
}

resource "google_compute_instance" "worker" {
  network_interface {
    subnetwork = google_compute_subnetwork.prod.id
  }
  service_account {
    email  = google_service_account.worker.email
    scopes = ["cloud-platform"]
  }
}

resource "google_sql_database_instance" "main" {
  settings {
    backup_configuration {
      enabled = true
    }
    ip_configuration {
      ipv4_enabled = false
      ssl_mode     = "ENCRYPTED_ONLY"
    }
  }
}

resource "google_storage_bucket" "exports" {
  uniform_bucket_level_access = true
}

resource "google_iam_workload_identity_pool_provider" "github" {
  attribute_condition = "assertion.repository_owner_id == '1234'"
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}
""",
}
