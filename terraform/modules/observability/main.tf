locals {
  refusals_a_minute = 100

  # An alarm is something to act on. One failure that a retry heals is none, hence how many of how many minutes.
  alarms = {
    dead-letters = {
      description = "Questions could not be answered and wait in the dead-letter queue to be replayed."
      metric      = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_name]
      statistic   = "Maximum", threshold = 0, period = 60, periods = 1, breaches = 1
    }
    question-age = {
      description = "The oldest question has been waiting for longer than one whose worker was killed: nobody answers."
      metric      = ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queue_name]
      statistic   = "Maximum", threshold = var.question_age_limit, period = 60, periods = 1, breaches = 1
    }
    # The function answers 500 or 503 where Slack should send an event again, so that it never fails itself. Slack
    # tries at once, after 1 and after 5 minutes: three such minutes in ten are an event whose every retry failed.
    api-failures = {
      description = "The API answers 5xx: events of Slack are being lost. The log of ${var.events_function_name} has the reason."
      metric      = ["AWS/ApiGateway", "5xx", "ApiId", var.api_id]
      statistic   = "Sum", threshold = 0, period = 60, periods = 10, breaches = 3
    }
    # Slack takes an event for undelivered after 3 seconds.
    events-duration = {
      description = "The slowest twentieth of the invocations of ${var.events_function_name} take more than 2 of the 3 seconds that Slack waits."
      metric      = ["AWS/Lambda", "Duration", "FunctionName", var.events_function_name]
      statistic   = "p95", threshold = 2000, period = 300, periods = 3, breaches = 2
    }
    # A worker that was killed once is healed by the next delivery; the same question kills the next one, too, within
    # the hour.
    worker-duration = {
      description = "Invocations of ${var.worker_function_name} come near their timeout, at which a worker is killed."
      metric      = ["AWS/Lambda", "Duration", "FunctionName", var.worker_function_name]
      statistic   = "Maximum", threshold = 1000 * var.worker_duration_limit, period = 300, periods = 12, breaches = 2
    }
  }
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:CloudWatch may not publish under the AWS managed key, and alarms carry no texts.
  name = "${var.name}-alarms"

  tags = var.tags
}

resource "aws_sns_topic_subscription" "alarms" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "alarms" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.metric[0]
  metric_name         = each.value.metric[1]
  dimensions          = { (each.value.metric[2]) = each.value.metric[3] }
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.breaches
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  tags = var.tags
}

# A wrong signing secret has every event refused, a stranger many: more refusals than other answers, or a hundred of
# them, in three minutes of ten. (Slack sends again what was refused: a single event is three such minutes.)
resource "aws_cloudwatch_metric_alarm" "api_refusals" {
  alarm_name          = "${var.name}-api-refusals"
  alarm_description   = "The API refuses (4xx) most requests or very many: the signing secret is not the app's, the app has another events URL, or strangers come."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 10
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "storm"
    label       = "More refused than taken, or more than ${local.refusals_a_minute} refused"
    expression  = "IF(refused > ${local.refusals_a_minute} OR refused > requests - refused, 1, 0)"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { refused = "4xx", requests = "Count" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApiGateway"
        metric_name = metric_query.value
        dimensions  = { ApiId = var.api_id }
        stat        = "Sum"
        period      = 60
      }
    }
  }

  tags = var.tags
}

resource "aws_resourcegroups_group" "project" {
  name        = var.name
  description = "Everything that belongs to ${var.name}."

  resource_query {
    query = jsonencode({
      ResourceTypeFilters = ["AWS::AllSupported"]
      TagFilters          = [{ Key = "Project", Values = [var.name] }]
    })
  }

  tags = var.tags
}

resource "aws_applicationinsights_application" "project" {
  count = var.application_insights ? 1 : 0

  resource_group_name = aws_resourcegroups_group.project.name
  auto_config_enabled = true

  tags = var.tags
}
