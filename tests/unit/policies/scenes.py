"""One change in which nearly every rule of the library finds something, and its harmless twin."""

SHA = "0123456789abcdef0123456789abcdef01234567"

BEFORE = {
    "prod/old.tf": """
resource "aws_db_instance" "old" {
  storage_encrypted = true
}

resource "aws_s3_bucket_public_access_block" "old" {
  block_public_acls = true
}

module "old" {
  source = "./old"
}
""",
    "prod/kept.tf": """
resource "aws_dynamodb_table" "kept" {
  deletion_protection_enabled = true
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket" "data" {
}
""",
    ".gitlab-ci.yml": """
lint:
  script: [make lint]
test:
  script: [make test]
.hidden:
  script: [make hidden]
""",
    ".github/workflows/ci.yml": """
on: push
permissions:
  contents: read
jobs:
  gone:
    runs-on: ubuntu-24.04
    steps:
      - run: make
  weak:
    runs-on: ubuntu-24.04
    steps:
      - run: make
""",
}

BAD = {
    "prod/kept.tf": """
resource "aws_dynamodb_table" "kept" {
}

resource "aws_s3_bucket" "data" {
  force_destroy = true
}
""",
    "prod/storage.tf": """
resource "aws_s3_bucket_acl" "public" {
  acl = "public-read"
}

resource "aws_s3_bucket_acl" "unknown" {
  acl = var.acl
}

resource "aws_s3_bucket_public_access_block" "open" {
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = var.closed
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "public" {
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.data.arn}/*"
    }]
  })
}

resource "google_storage_bucket_iam_member" "everybody" {
  member = "allUsers"
}

resource "aws_db_instance" "plain" {
  publicly_accessible = true
}

resource "aws_ebs_volume" "unsaid" {
}

resource "aws_instance" "disk" {
  root_block_device {
    encrypted = false
  }
}
""",
    "prod/iam.tf": """
resource "aws_iam_policy" "all" {
  policy = <<-EOT
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
  EOT
}

resource "aws_iam_policy" "from_file" {
  policy = file("policy.json")
}

data "aws_iam_policy_document" "most" {
  statement {
    not_actions = ["iam:*"]
    resources   = ["*"]
  }
}

resource "aws_iam_role" "trusting" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "x" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
""",
    "prod/network.tf": """
resource "aws_security_group" "ssh" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "repeated" {
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "app" {
  ip_protocol = "tcp"
  from_port   = 8080
  to_port     = 8080
  cidr_ipv6   = "::/0"
}
""",
    "prod/versions.tf": """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

module "moving" {
  source = "git::https://example.com/vpc.git?ref=main"
}

module "unknown" {
  source  = "acme/vpc/aws"
  version = var.module_version
}
""",
    "k8s/app.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: prod}
spec:
  template:
    spec:
      hostNetwork: true
      volumes:
        - name: root
          hostPath: {path: /}
      containers:
        - name: app
          image: nginx
          securityContext: {privileged: true, runAsUser: 0, allowPrivilegeEscalation: true}
        - name: side
          image: side:1
---
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: prod}
data: {password: aHVudGVyMg==}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
rules:
  - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
  - {apiGroups: [""], resources: [pods], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects:
  - {kind: Group, name: "system:unauthenticated"}
""",
    "chart/templates/pod.yaml": """
apiVersion: v1
kind: Pod
metadata: {name: chart}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
    - name: app
      image: "{{ .Values.image }}"
      resources: {limits: {memory: 1Gi}}
      securityContext: {allowPrivilegeEscalation: false}
""",
    ".gitlab-ci.yml": """
include:
  - project: acme/ci
    file: build.yml
  - project: acme/ci
    file: more.yml
    ref: $[[ inputs.ref ]]
test:
  script: [make test]
  allow_failure: true
""",
    ".github/workflows/ci.yml": """
on: push
permissions:
  contents: write
jobs:
  weak:
    runs-on: ubuntu-24.04
    continue-on-error: true
    steps:
      - run: make
""",
    ".github/workflows/target.yml": """
on:
  pull_request_target:
permissions: write-all
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
""",
}

FOUND = {
    ("warn", "terraform.backup.unprotected", "aws_dynamodb_table.kept"),
    ("warn", "terraform.backup.unprotected", "aws_db_instance.plain"),
    ("warn", "terraform.backup.no_backup", "aws_db_instance.plain"),
    ("warn", "terraform.compute.imds_v1", "aws_instance.disk"),
    ("deny", "terraform.storage.public_acl", "aws_s3_bucket_acl.public"),
    ("warn", "terraform.storage.public_acl", "aws_s3_bucket_acl.unknown"),
    ("deny", "terraform.storage.public_access_block", "aws_s3_bucket_public_access_block.open"),
    ("warn", "terraform.storage.public_access_block", "aws_s3_bucket_public_access_block.open"),
    ("warn", "terraform.storage.public_access_block", "aws_s3_bucket_public_access_block.old"),
    ("deny", "terraform.iam.public_principal", "aws_s3_bucket_policy.public"),
    ("deny", "terraform.storage.public_access", "google_storage_bucket_iam_member.everybody"),
    ("deny", "terraform.network.public_database", "aws_db_instance.plain"),
    ("deny", "terraform.encryption.storage", "aws_db_instance.plain"),
    ("warn", "terraform.encryption.storage", "aws_ebs_volume.unsaid"),
    ("deny", "terraform.encryption.storage", "aws_instance.disk"),
    ("deny", "terraform.iam.wildcard", "aws_iam_policy.all"),
    ("warn", "terraform.iam.wildcard", "aws_iam_policy.from_file"),
    ("warn", "terraform.iam.wildcard", "data.aws_iam_policy_document.most"),
    ("warn", "terraform.iam.public_principal", "aws_iam_role.trusting"),
    ("deny", "terraform.iam.administrator", "aws_iam_role_policy_attachment.admin"),
    ("deny", "terraform.network.open_admin_port", "aws_security_group.ssh"),
    ("warn", "terraform.network.open_port", "aws_security_group.repeated"),
    ("deny", "terraform.network.open_port", "aws_vpc_security_group_ingress_rule.app"),
    ("warn", "terraform.versions.unpinned_provider", "terraform"),
    ("deny", "terraform.versions.unpinned_module", "module.moving"),
    ("warn", "terraform.versions.unpinned_module", "module.unknown"),
    ("warn", "terraform.stateful.lost_data", "aws_db_instance.old"),
    ("warn", "terraform.stateful.lost_module", "module.old"),
    ("warn", "terraform.stateful.lost_protection", "aws_dynamodb_table.kept"),
    ("warn", "terraform.stateful.lost_protection", "aws_s3_bucket.data"),
    ("deny", "kubernetes.workload.host_namespace", "prod/Deployment/app"),
    ("deny", "kubernetes.workload.host_path", "prod/Deployment/app"),
    ("deny", "kubernetes.workload.mutable_image", "prod/Deployment/app"),
    ("deny", "kubernetes.workload.privileged", "prod/Deployment/app"),
    ("deny", "kubernetes.workload.root", "prod/Deployment/app"),
    ("warn", "kubernetes.workload.root", "prod/Deployment/app"),
    ("deny", "kubernetes.workload.privilege_escalation", "prod/Deployment/app"),
    ("warn", "kubernetes.workload.privilege_escalation", "prod/Deployment/app"),
    ("warn", "kubernetes.workload.no_memory_limit", "prod/Deployment/app"),
    ("warn", "kubernetes.workload.mutable_image", "Pod/chart"),
    ("deny", "kubernetes.secrets.plain", "prod/Secret/db"),
    ("deny", "kubernetes.access.wildcard", "ClusterRole/all"),
    ("warn", "kubernetes.access.wildcard", "ClusterRole/all"),
    ("deny", "kubernetes.access.cluster_admin", "ClusterRoleBinding/all"),
    ("deny", "kubernetes.access.anonymous", "ClusterRoleBinding/all"),
    ("deny", "ci.gitlab.unpinned_include", "include[0] project:acme/ci file:build.yml"),
    (
        "warn",
        "ci.gitlab.unpinned_include",
        "include[1] project:acme/ci file:more.yml ref:$[[ inputs.ref ]]",
    ),
    ("warn", "ci.gitlab.lost_job", "lint"),
    ("warn", "ci.gitlab.lost_job", "test"),
    ("warn", "ci.github.wide_permissions", "ci.yml"),
    ("warn", "ci.github.lost_job", "ci.yml/gone"),
    ("warn", "ci.github.lost_job", "ci.yml/weak"),
    ("deny", "ci.github.wide_permissions", "target.yml"),
    ("warn", "ci.github.untrusted_checkout", "target.yml"),
    ("deny", "ci.github.untrusted_checkout", "target.yml/build"),
    ("deny", "ci.github.unpinned_action", "target.yml/build"),
}

DEMANDED = {
    (2, "write", "data is lost with aws_db_instance.old"),
    (2, "write", "nobody knows what is lost with module.old"),
    (1, "maintain", "fewer checks without lint, test"),
    (1, "maintain", "fewer checks without ci.yml/gone, ci.yml/weak"),
    (1, "maintain", "more rights for ci.yml"),
}

GOOD = {
    **BEFORE,
    "prod/storage.tf": """
resource "aws_s3_bucket" "logs" {
  bucket = var.name
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_db_instance" "main" {
  identifier              = "main"
  storage_encrypted       = true
  password                = var.password
  backup_retention_period = 14
  deletion_protection     = true
}

resource "aws_iam_policy" "logs" {
  policy = data.aws_iam_policy_document.logs.json
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
  }
}

resource "aws_security_group" "web" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"
}

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}
""",
    "k8s/app.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: prod}
spec:
  template:
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
        - name: app
          image: registry.example.com:5000/app:1.2.3
          resources: {limits: {memory: 1Gi}}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
""",
    ".github/workflows/new.yml": f"""
on: pull_request
permissions: {{contents: read}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@{SHA}
      - uses: ./.github/actions/build
""",
    "ci/build.gitlab-ci.yml": f"""
include:
  - local: /ci/a.yml
  - project: acme/ci
    file: b.yml
    ref: {SHA}
build:
  script: [make]
""",
}
