mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                   = "bot"
  events_function_name   = "bot-events"
  worker_function_name   = "bot-worker"
  worker_duration_limit  = 112.5
  api_id                 = "abc123"
  table_name             = "bot"
  queue_name             = "bot.fifo"
  dead_letter_queue_name = "bot-dead-letters.fifo"
  question_age_limit     = 840
}

run "an_alarm_watches_each_thing_that_an_operator_can_act_on" {
  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.alarms :
      key => "${alarm.metric_name} of ${one(values(alarm.dimensions))} > ${alarm.threshold}"
      } == {
      api-failures    = "5xx of abc123 > 0"
      dead-letters    = "ApproximateNumberOfMessagesVisible of bot-dead-letters.fifo > 0"
      events-duration = "Duration of bot-events > 2000"
      question-age    = "ApproximateAgeOfOldestMessage of bot.fifo > 840"
      worker-duration = "Duration of bot-worker > 112500"
    }
    error_message = "The alarms watch other things."
  }

  assert {
    condition     = { for query in aws_cloudwatch_metric_alarm.api_refusals.metric_query : query.id => one(query.metric).metric_name if length(query.metric) == 1 } == { refused = "4xx", requests = "Count" }
    error_message = "A storm of refusals must be counted by the API's 4xx among its requests."
  }
}

run "what_a_retry_heals_raises_no_alarm" {
  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.alarms :
      key => "${alarm.datapoints_to_alarm} of ${alarm.evaluation_periods} times ${alarm.period} s"
      } == {
      api-failures    = "3 of 10 times 60 s"
      dead-letters    = "1 of 1 times 60 s"
      events-duration = "2 of 3 times 300 s"
      question-age    = "1 of 1 times 60 s"
      worker-duration = "2 of 12 times 300 s"
    }
    error_message = "An event that Slack delivered after 1 minute, or one worker that was killed, must not raise an alarm."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.alarms : !contains(["Errors", "Throttles"], alarm.metric_name)])
    error_message = "Each retry of the worker counts as an error, also one that heals."
  }
}

run "the_dashboard_shows_each_service" {
  assert {
    condition = toset(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[0] if length(metric) > 1]
    ])) == toset(["AWS/ApiGateway", "AWS/DynamoDB", "AWS/Lambda", "AWS/SQS", "bot"])
    error_message = "The dashboard must show the API, the functions, the queues, the table, and what the answers take."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : contains([4, 5], length(metric)) if length(metric) > 1]
    ]))
    error_message = "A metric is its namespace, its name, one dimension's name and value, and perhaps how it is shown."
  }

  assert {
    condition     = output.dashboard_url == "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/bot"
    error_message = "The address is ${output.dashboard_url}."
  }
}

run "the_dashboard_shows_what_answers_take" {
  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : widget.properties.title if widget.properties.period == 3600
      ] == [
      "Usage: tokens by model",
      "Usage: money by model, in the unit of the price list",
      "Usage: share of the sent tokens that was cached (%)",
      "Answers: time to the first word (s)",
      "Memory: condensations",
      "Answers: given and refused",
    ]
    error_message = "The rows of usage are others."
  }

  assert {
    condition = toset(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[1] if metric[0] == "bot"]
    ])) == toset(["TokensSent", "TokensCached", "FirstWord", "Condensed", "CondensingFailed", "Answered", "Refused"])
    error_message = "A row shows a metric that the worker does not emit."
  }

  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : slice(metric, 2, 4) == ["service", "worker"] if metric[0] == "bot"]
    ]))
    error_message = "The worker's metrics stand under its service."
  }

  assert {
    condition = flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : [for metric in widget.properties.metrics : metric[0].expression if length(metric) == 1]
      ]) == [
      "SEARCH('{\"bot\",model,service} MetricName=\"TokensSent\"', 'Sum', 3600)",
      "SEARCH('{\"bot\",model,service} MetricName=\"TokensReceived\"', 'Sum', 3600)",
      "SEARCH('{\"bot\",model,service} MetricName=\"Money\"', 'Sum', 3600)",
      "100 * cached / sent",
    ]
    error_message = "A model must be found by its name, whatever it is called."
  }

  assert {
    condition     = length({ for widget in jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets : "${widget.x} ${widget.y}" => widget }) == length(jsondecode(aws_cloudwatch_dashboard.project.dashboard_body).widgets)
    error_message = "Two widgets stand in one place."
  }
}

run "a_day_that_takes_more_than_was_said_raises_an_alarm" {
  variables {
    alarm_daily_tokens = 1000000
  }

  assert {
    condition     = one(aws_cloudwatch_metric_alarm.daily_tokens[*].threshold) == 1000000 && one(aws_cloudwatch_metric_alarm.daily_tokens[*].evaluation_periods) == 1
    error_message = "The alarm must be raised by one such day."
  }

  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.daily_tokens[0].metric_query : query.expression if length(query.metric) == 0]) == "sent - 0.9 * cached + 8 * received"
    error_message = "The day's tokens must be billed-equivalent, as the bot's own limits are."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.daily_tokens[0].metric_query :
      query.id => "${one(query.metric).stat} of ${one(query.metric).metric_name} of ${one(query.metric).dimensions.service} in ${one(query.metric).period} s" if length(query.metric) == 1
      } == {
      cached   = "Sum of TokensCached of worker in 86400 s"
      received = "Sum of TokensReceived of worker in 86400 s"
      sent     = "Sum of TokensSent of worker in 86400 s"
    }
    error_message = "A day's tokens are the worker's."
  }

  assert {
    condition     = one(aws_cloudwatch_metric_alarm.daily_tokens[*].alarm_actions) == toset([aws_sns_topic.alarms.arn])
    error_message = "The alarm must go to the topic."
  }
}

run "without_a_number_no_day_raises_an_alarm" {
  variables {
    alarm_daily_tokens = null
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.daily_tokens) == 0
    error_message = "There must be no alarm."
  }
}

run "the_group_finds_what_is_tagged" {
  assert {
    condition     = jsondecode(aws_resourcegroups_group.project.resource_query[0].query).TagFilters == [{ Key = "Project", Values = ["bot"] }]
    error_message = "The group must find its resources by their tag."
  }
}

run "every_alarm_goes_to_a_topic_without_an_address_too" {
  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.alarms), [aws_cloudwatch_metric_alarm.api_refusals]) :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn])
    ])
    error_message = "Every alarm, and its end, must go to the topic."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.alarms) == 0
    error_message = "Nobody was named."
  }
}

run "with_an_address_alarms_are_sent_there" {
  variables {
    alarm_email = "ops@example.com"
  }

  assert {
    condition     = one(aws_sns_topic_subscription.alarms[*].endpoint) == "ops@example.com" && one(aws_sns_topic_subscription.alarms[*].topic_arn) == output.alarm_topic_arn
    error_message = "The alarms must reach the address."
  }
}

run "application_insights_is_off_unless_asked_for" {
  assert {
    condition     = length(aws_applicationinsights_application.project) == 0
    error_message = "There must be no Application Insights."
  }
}

run "application_insights_watches_the_group" {
  variables {
    application_insights = true
  }

  assert {
    condition     = one(aws_applicationinsights_application.project[*].resource_group_name) == "bot"
    error_message = "Application Insights must watch the group."
  }
}
