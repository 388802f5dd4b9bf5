# Region, credentials and endpoints come from the environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL),
# so that the same files serve an account and an emulator.
provider "aws" {
  default_tags {
    tags = local.tags
  }
}
