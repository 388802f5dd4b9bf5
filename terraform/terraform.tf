terraform {
  # 1.11 brought write-only arguments: the secrets reach SSM without passing through the state.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # The backend is yours to choose; README.md shows S3 with its own locking.
}
