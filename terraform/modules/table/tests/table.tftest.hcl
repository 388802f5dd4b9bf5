mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "bot"
  deletion_protection = true
}

run "conversations_are_protected_and_expire" {
  assert {
    condition     = aws_dynamodb_table.conversations.hash_key == "id" && aws_dynamodb_table.conversations.billing_mode == "PAY_PER_REQUEST"
    error_message = "The table must be keyed by id and billed per request."
  }

  assert {
    condition     = aws_dynamodb_table.conversations.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.conversations.ttl[0].enabled
    error_message = "Conversations must expire by expires_at."
  }

  assert {
    condition = alltrue([
      aws_dynamodb_table.conversations.deletion_protection_enabled,
      aws_dynamodb_table.conversations.point_in_time_recovery[0].enabled,
      aws_dynamodb_table.conversations.server_side_encryption[0].enabled,
    ])
    error_message = "The table must be encrypted, recoverable, and protected from deletion."
  }
}
