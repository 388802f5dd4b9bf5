mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                = "bot"
  deletion_protection = true
}

run "the_ledger_is_protected_and_expires" {
  assert {
    condition     = [aws_dynamodb_table.usage.name, aws_dynamodb_table.usage.hash_key, aws_dynamodb_table.usage.range_key] == ["bot-usage", "period", "owner"]
    error_message = "The ledger must be keyed by period and owner."
  }

  assert {
    condition     = aws_dynamodb_table.usage.ttl[0].attribute_name == "expires_at" && aws_dynamodb_table.usage.ttl[0].enabled
    error_message = "What the ledger keeps must expire by expires_at."
  }

  assert {
    condition = alltrue([
      aws_dynamodb_table.usage.billing_mode == "PAY_PER_REQUEST",
      aws_dynamodb_table.usage.deletion_protection_enabled,
      aws_dynamodb_table.usage.point_in_time_recovery[0].enabled,
      aws_dynamodb_table.usage.server_side_encryption[0].enabled,
    ])
    error_message = "The ledger must be billed per request, encrypted, recoverable, and protected from deletion."
  }
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
