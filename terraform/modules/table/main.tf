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
