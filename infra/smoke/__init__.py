"""What a deployment must show after `terraform apply`: `python -m infra.smoke`. It changes nothing."""
