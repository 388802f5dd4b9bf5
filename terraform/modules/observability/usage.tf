# What the worker's answers take: adapters/observability/powertools.py emits it, under the name of the deployment.

locals {
  answers = ["service", "worker"]

  # Billed-equivalent tokens, as the bot's own limits count them: domain/spending/usage.py has the rule.
  billed = "sent - 0.9 * cached + 8 * received"
  tokens = { sent = "TokensSent", cached = "TokensCached", received = "TokensReceived" }

  # A model is found by its name as soon as it has answered: no list of models need be kept here.
  by_model = { for metric in ["TokensSent", "TokensReceived", "Money"] :
    metric => "SEARCH('{\"${var.name}\",model,service} MetricName=\"${metric}\"', 'Sum', 3600)"
  }

  usage_widgets = [
    {
      title = "Usage: tokens by model"
      stat  = "Sum"
      metrics = [
        [{ expression = local.by_model.TokensSent, label = "sent" }],
        [{ expression = local.by_model.TokensReceived, label = "received" }],
      ]
    },
    {
      title   = "Usage: money by model, in the unit of the price list"
      stat    = "Sum"
      metrics = [[{ expression = local.by_model.Money, label = "" }]]
    },
    {
      title = "Usage: share of the sent tokens that was cached (%)"
      stat  = "Sum"
      metrics = [
        [{ expression = "100 * cached / sent", label = "cached" }],
        [var.name, local.tokens.sent, local.answers[0], local.answers[1], { id = "sent", visible = false }],
        [var.name, local.tokens.cached, local.answers[0], local.answers[1], { id = "cached", visible = false }],
      ]
    },
    {
      title = "Answers: time to the first word (s)"
      stat  = "p50"
      metrics = [
        [var.name, "FirstWord", local.answers[0], local.answers[1], { stat = "p50", label = "p50" }],
        [var.name, "FirstWord", local.answers[0], local.answers[1], { stat = "p95", label = "p95" }],
      ]
    },
    {
      title   = "Memory: condensations"
      stat    = "Sum"
      metrics = [for metric in ["Condensed", "CondensingFailed"] : concat([var.name, metric], local.answers)]
    },
    {
      title   = "Answers: given and refused"
      stat    = "Sum"
      metrics = [for metric in ["Answered", "Refused"] : concat([var.name, metric], local.answers)]
    },
  ]
}

# A loop that asks, or a crowd, is a bill: a day is told of while it lasts, and not at the end of the month.
resource "aws_cloudwatch_metric_alarm" "daily_tokens" {
  count = var.alarm_daily_tokens == null ? 0 : 1

  alarm_name          = "${var.name}-daily-tokens"
  alarm_description   = "More than ${var.alarm_daily_tokens} billed-equivalent tokens in a day. `bot usage --by person` and `--by channel` say whose they are."
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.alarm_daily_tokens
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "billed"
    label       = "Billed-equivalent tokens"
    expression  = local.billed
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.tokens

    content {
      id = metric_query.key

      metric {
        namespace   = var.name
        metric_name = metric_query.value
        dimensions  = { (local.answers[0]) = local.answers[1] }
        stat        = "Sum"
        period      = 86400
      }
    }
  }

  tags = var.tags
}
