mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name = "bot"
}

run "the_key_is_renewed_each_year_and_can_be_restored_for_thirty_days" {
  assert {
    condition     = aws_kms_key.tokens.enable_key_rotation && aws_kms_key.tokens.deletion_window_in_days == 30
    error_message = "The key is ${jsonencode(aws_kms_key.tokens)}."
  }

  assert {
    condition     = aws_kms_alias.tokens.name == "alias/bot-tokens" && aws_kms_alias.tokens.target_key_id == aws_kms_key.tokens.key_id
    error_message = "The alias is ${jsonencode(aws_kms_alias.tokens)}."
  }
}

run "only_the_own_account_decides_who_may_use_it" {
  assert {
    condition     = [for statement in jsondecode(aws_kms_key.tokens.policy).Statement : statement.Principal] == [{ AWS = "arn:aws:iam::123456789012:root" }]
    error_message = "The policy is ${aws_kms_key.tokens.policy}"
  }
}
