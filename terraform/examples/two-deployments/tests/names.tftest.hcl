# Both deployments in one plan: nothing that AWS names by us has one name twice.

mock_provider "aws" {
  source = "../../tests/mocks"
}

override_resource {
  target          = module.bot["sales"].module.parameters.aws_ssm_parameter.secrets
  values          = { key_id = "alias/aws/ssm" }
  override_during = plan
}

override_resource {
  target          = module.bot["support"].module.parameters.aws_ssm_parameter.secrets
  values          = { key_id = "alias/aws/ssm" }
  override_during = plan
}

variables {
  image_uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/bot:v1"
}

run "two_deployments_in_one_account_share_no_name" {
  command = plan

  assert {
    condition = alltrue([
      for name, bot in module.bot : alltrue([
        for each in concat(values(bot.function_names), values(bot.parameter_names), [bot.table_name]) :
        strcontains(each, "bot-${name}")
      ])
    ])
    error_message = "What one has must have its name: ${jsonencode(module.bot)}"
  }

  assert {
    condition = length(setintersection([
      for bot in module.bot : toset(concat(values(bot.function_names), values(bot.parameter_names), [bot.table_name]))
    ]...)) == 0
    error_message = "The two share a name: ${jsonencode(module.bot)}"
  }
}
