"""Terraform's files, as teams write them."""

MAIN = """\
terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
  backend "s3" {
    bucket = "state"
    key    = "prod/network.tfstate"
  }
}

provider "aws" {
  region = var.region
  default_tags { tags = { team = "net" } }
}

provider "aws" {
  alias  = "backup"
  region = "eu-west-1"
}

locals {
  name  = "orders-${var.stage}"
  ports = [80, 443, 8443]
  db    = { host = "db.internal", password = "letmein-local" }
}

variable "region" {
  type    = string
  default = "eu-central-1"
  validation {
    condition     = can(regex("^eu-", var.region))
    error_message = "Only in Europe."
  }
}

variable "db_password" {
  type      = string
  sensitive = true
  default   = "changeme-please"
}

data "aws_ami" "base" {
  most_recent = true
  filter {
    name   = "name"
    values = ["al2023-*"]
  }
}

resource "aws_db_instance" "orders" {
  identifier        = local.name
  engine            = "postgres"
  allocated_storage = 100
  multi_az          = true
  password          = "hunter2-orders"
  tags              = { team = "net", "cost centre" = "42" }

  timeouts { create = "40m" }
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags, engine_version]
  }
}

resource "aws_security_group" "web" {
  count = var.public ? 1 : 0
  name  = "web"
  dynamic "ingress" {
    for_each = local.ports
    iterator = port
    content {
      from_port   = port.value
      to_port     = port.value
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
  egress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
  }
}

resource "aws_iam_policy" "read" {
  policy = <<-EOT
    {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "${local.name}"}]}
  EOT
}

resource "null_resource" "once" {
  triggers = { at = timestamp() }
  provisioner "local-exec" {
    command     = "echo ${self.id} >> ids"
    environment = { API_TOKEN = "abc-123-def" }
  }
}

module "vpc" {
  source  = "../modules/vpc"
  version = "1.2.3"
  cidr    = cidrsubnet("10.0.0.0/8", 8, 1)
  zones   = [for zone in data.aws_zones.all.names : upper(zone) if zone != "a"]
}

output "address" {
  value     = aws_db_instance.orders.address
  sensitive = false
}

moved {
  from = aws_instance.a
  to   = aws_instance.b
}

import {
  to = aws_s3_bucket.logs
  id = "logs"
}

removed {
  from = aws_instance.old
  lifecycle { destroy = false }
}

check "health" {
  data "http" "page" { url = "https://example.com" }
  assert {
    condition     = data.http.page.status_code == 200
    error_message = "down"
  }
}
"""

MAIN_JSON = """\
{
  "//": "generated",
  "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
  "locals": {"name": "orders", "limit": 3},
  "variable": {"api_token": {"default": "tok-123456", "type": "string"}},
  "resource": {
    "aws_s3_bucket": {"logs": {"bucket": "logs", "tags": {"a": "${var.a}"}, "count": 2}},
    "aws_security_group": {"web": [{"dynamic": {"ingress": [{"for_each": "${var.p}",
      "content": {"from_port": 80}}]}, "lifecycle": {"create_before_destroy": true}}]}
  },
  "data": {"aws_ami": {"base": {"owners": ["self"]}}},
  "module": {"vpc": {"source": "./vpc"}},
  "output": {"id": {"value": "${aws_s3_bucket.logs.id}"}},
  "moved": [{"from": "a.b", "to": "a.c"}]
}
"""

VALUES = """\
region      = "eu-central-1"
replicas    = 3
enabled     = true
zones       = ["a", "b"]
db_password = "prod-password-1"
database = {
  host  = "db"
  token = "tok-abcdef"
}
motd = <<EOT
hello
  world
EOT
"""

LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.60.0"
  constraints = "~> 5.0"
  hashes = [
    "h1:abc=",
    "zh:def",
  ]
}
"""

FILES = (
    ("infra/main.tf", MAIN),
    ("infra/main_override.tf", 'resource "aws_db_instance" "orders" {\n  multi_az = false\n}\n'),
    ("infra/generated.tf.json", MAIN_JSON),
    ("infra/prod.tfvars", VALUES),
    ("infra/prod.tfvars.json", '{"region": "eu", "db_password": "p4ss-word", "zones": ["a"]}\n'),
    ("infra/.terraform.lock.hcl", LOCK),
    ("infra/extra.tofu", 'ephemeral "random_password" "db" {\n  length = 16\n}\n'),
)
