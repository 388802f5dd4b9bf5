mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name = "bot"
  functions = {
    events = { name = "bot-events", p95_limit = 2000 }
    worker = { name = "bot-worker", p95_limit = 96000 }
  }
  api_id                 = "abc123"
  table_name             = "bot"
  queue_name             = "bot.fifo"
  dead_letter_queue_name = "bot-dead-letters.fifo"
  question_age_limit     = 120
}

run "alarms_watch_the_queues_and_both_functions" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.dead_letters.dimensions.QueueName == "bot-dead-letters.fifo" && aws_cloudwatch_metric_alarm.dead_letters.threshold == 0
    error_message = "The first dead letter must raise an alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.question_age.dimensions.QueueName == "bot.fifo" && aws_cloudwatch_metric_alarm.question_age.threshold == 120
    error_message = "A question that waits for too long must raise an alarm."
  }

  assert {
    condition = alltrue([
      for alarms in [aws_cloudwatch_metric_alarm.errors, aws_cloudwatch_metric_alarm.throttles, aws_cloudwatch_metric_alarm.duration] :
      { for key, alarm in alarms : key => alarm.dimensions.FunctionName } == { events = "bot-events", worker = "bot-worker" }
    ])
    error_message = "Errors, throttles and durations of both functions must be watched."
  }

  assert {
    condition     = { for key, alarm in aws_cloudwatch_metric_alarm.duration : key => "${alarm.extended_statistic} ${alarm.threshold}" } == { events = "p95 2000", worker = "p95 96000" }
    error_message = "Each function has its own limit for the p95 duration."
  }
}

run "the_dashboard_shows_each_service" {
  assert {
    condition = toset(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[0]]
    ])) == toset(["AWS/ApiGateway", "AWS/DynamoDB", "AWS/Lambda", "AWS/SQS"])
    error_message = "The dashboard must show the API, the functions, the queues and the table."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : length(metric) == 4]
    ]))
    error_message = "A metric is its namespace, its name, and one dimension's name and value."
  }

  assert {
    condition     = output.dashboard_url == "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/bot"
    error_message = "The address is ${output.dashboard_url}."
  }
}

run "application_insights_watches_what_is_tagged" {
  assert {
    condition     = jsondecode(aws_resourcegroups_group.project.resource_query[0].query).TagFilters == [{ Key = "Project", Values = ["bot"] }]
    error_message = "The group must find its resources by their tag."
  }

  assert {
    condition     = one(aws_applicationinsights_application.project[*].resource_group_name) == "bot"
    error_message = "Application Insights must watch the group."
  }
}

run "without_an_address_alarms_have_no_topic" {
  assert {
    condition     = output.alarm_topic_arn == null && length(coalesce(aws_cloudwatch_metric_alarm.dead_letters.alarm_actions, [])) == 0
    error_message = "There must be no topic."
  }
}

run "with_an_address_alarms_are_sent_there" {
  variables {
    alarm_email = "ops@example.com"
  }

  assert {
    condition     = one(aws_sns_topic_subscription.alarms[*].endpoint) == "ops@example.com" && aws_cloudwatch_metric_alarm.dead_letters.alarm_actions == toset([output.alarm_topic_arn])
    error_message = "The alarms must reach the address."
  }
}

run "application_insights_can_be_left_out" {
  variables {
    application_insights = false
  }

  assert {
    condition     = length(aws_applicationinsights_application.project) == 0
    error_message = "There must be no Application Insights."
  }
}
