"""CloudFormation and SAM templates."""
