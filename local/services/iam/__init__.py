"""IAM Credentials and the token endpoint."""
