locals {
  region    = data.aws_region.current.id
  functions = [var.events_function_name, var.worker_function_name]

  # Title, metrics and statistic of each widget, in the order of a question's way; two to a row.
  service_widgets = [
    {
      title   = "API: requests and refusals"
      stat    = "Sum"
      metrics = [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", var.api_id]]
    },
    {
      title   = "API: latency (p95, ms)"
      stat    = "p95"
      metrics = [["AWS/ApiGateway", "Latency", "ApiId", var.api_id]]
    },
    {
      title = "Questions: waiting, in work, dead"
      stat  = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.queue_name],
        ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", var.queue_name],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_name],
      ]
    },
    {
      title   = "Questions: age of the oldest (s)"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queue_name]]
    },
    {
      title = "Functions: invocations, errors, throttles"
      stat  = "Sum"
      metrics = concat([for name in local.functions : [
        for metric in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", metric, "FunctionName", name]
      ]]...)
    },
    {
      title   = "Functions: duration (p95, ms)"
      stat    = "p95"
      metrics = [for name in local.functions : ["AWS/Lambda", "Duration", "FunctionName", name]]
    },
    {
      title = "Table: consumed capacity"
      stat  = "Sum"
      metrics = [
        for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] :
        ["AWS/DynamoDB", metric, "TableName", var.table_name]
      ]
    },
  ]

  # Each with a statistic and a period in seconds: those of the services are watched by the minute, usage by the hour.
  widgets = concat(
    [for widget in local.service_widgets : merge(widget, { period = 60 })],
    [for widget in local.usage_widgets : merge(widget, { period = 3600 })],
  )
}

resource "aws_cloudwatch_dashboard" "project" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for index, widget in local.widgets : {
      type   = "metric"
      x      = 12 * (index % 2)
      y      = 6 * floor(index / 2)
      width  = 12
      height = 6
      properties = {
        title   = widget.title
        stat    = widget.stat
        metrics = widget.metrics
        period  = widget.period
        region  = local.region
        view    = "timeSeries"
      }
    }]
  })
}

data "aws_region" "current" {}
