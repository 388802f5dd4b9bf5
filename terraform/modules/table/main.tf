resource "aws_dynamodb_table" "conversations" {
  #checkov:skip=CKV_AWS_119:The AWS managed key encrypts and leaves a trail in CloudTrail; a customer key would add a bill and one more way to lose the data.
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }

  tags = var.tags
}

# The ledger: sums of a month, which a transaction adds to, and entries. A month's sums stand under one key, so that
# thousands of them are a query of a few pages.
resource "aws_dynamodb_table" "usage" {
  #checkov:skip=CKV_AWS_119:The AWS managed key encrypts and leaves a trail in CloudTrail; a customer key would add a bill and one more way to lose the data.
  name                        = "${var.name}-usage"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "period"
  range_key                   = "owner"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "period"
    type = "S"
  }

  attribute {
    name = "owner"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }

  tags = var.tags
}
