"""What would stop a first `terraform apply`, or waste it, asked before it: `python -m infra.preflight`.

Everything here only asks. It reads infra/terraform.tfvars, Google's APIs with the caller's token, and nothing else.
"""
