resource "aws_sqs_queue" "questions" {
  name       = "${var.name}.fifo"
  fifo_queue = true
  # The sender gives the question's identity as deduplication id; equal texts are different questions.
  content_based_deduplication = false
  # Six times the worker's timeout, as AWS advises: a throttled delivery may be tried again by the poller
  # before the question shows up a second time.
  visibility_timeout_seconds = 6 * var.worker_timeout
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    # The worker counts failed deliveries by their cause and sends dead letters itself. SQS counts every receive, also
    # those that Lambda throttled and those of an hour without Slack: this is for what never reaches the worker's code.
    maxReceiveCount = 200
  })

  tags = var.tags
}

resource "aws_sqs_queue" "dead_letters" {
  name       = "${var.name}-dead-letters.fifo"
  fifo_queue = true
  # The longest that SQS offers: an operator may be on holiday.
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true

  tags = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.questions.arn]
  })
}

resource "aws_sqs_queue_policy" "tls" {
  for_each = { questions = aws_sqs_queue.questions, dead_letters = aws_sqs_queue.dead_letters }

  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyByTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_lambda_event_source_mapping" "worker" {
  event_source_arn = aws_sqs_queue.questions.arn
  function_name    = var.worker_arn
  # One question a delivery: a failure concerns nobody else, and no batch response is needed.
  batch_size = 1

  # Without it each delivery that fails, or that waits for its person's others, has Lambda take the next ones more
  # slowly, everybody's. The function returns no list of failures but fails: that is all of its batch.
  # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
  function_response_types = ["ReportBatchItemFailures"]

  # The poller takes no more from the queue than there are workers, so that none of its deliveries is throttled for
  # want of one, and the function that receives events keeps the rest of the account's executions.
  scaling_config {
    maximum_concurrency = var.worker_concurrency
  }

  tags = var.tags
}
