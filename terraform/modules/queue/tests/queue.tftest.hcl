mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "bot"
  worker_arn         = "arn:aws:lambda:eu-west-1:123456789012:function:bot-worker"
  worker_timeout     = 50
  worker_concurrency = 5
}

run "questions_are_delivered_one_at_a_time_and_three_times_at_most" {
  assert {
    condition     = aws_lambda_event_source_mapping.worker.batch_size == 1 && aws_lambda_event_source_mapping.worker.scaling_config[0].maximum_concurrency == 5
    error_message = "One question a delivery, as many workers as were asked for."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.worker.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Who floods the bot must not have Lambda poll more slowly for everybody."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.questions.redrive_policy).maxReceiveCount == 200
    error_message = "SQS must leave it to the worker to count deliveries."
  }

  assert {
    condition     = aws_sqs_queue.questions.visibility_timeout_seconds == 300
    error_message = "The visibility timeout must be six times the worker's timeout."
  }
}

run "both_queues_are_fifo_and_encrypted" {
  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.questions, aws_sqs_queue.dead_letters] :
      queue.fifo_queue && endswith(queue.name, ".fifo") && queue.sqs_managed_sse_enabled
    ])
    error_message = "A FIFO queue needs a FIFO dead-letter queue, both encrypted."
  }

  assert {
    condition     = aws_sqs_queue.questions.content_based_deduplication == false
    error_message = "Equal texts are different questions: the sender gives the deduplication id."
  }
}

run "nobody_gets_in_without_tls" {
  assert {
    condition = alltrue([
      for policy in aws_sqs_queue_policy.tls : [
        for statement in jsondecode(policy.policy).Statement : [statement.Effect, statement.Principal, statement.Action, statement.Condition]
      ] == [["Deny", "*", "sqs:*", { Bool = { "aws:SecureTransport" = "false" } }]]
    ]) && length(aws_sqs_queue_policy.tls) == 2
    error_message = "Both queues must refuse whoever comes without TLS."
  }
}

run "only_the_queue_of_questions_may_send_dead_letters" {
  assert {
    condition = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letters.redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = [aws_sqs_queue.questions.arn]
    }
    error_message = "No other queue may use the dead-letter queue."
  }
}

run "a_concurrency_that_sqs_refuses" {
  command = plan

  variables {
    worker_concurrency = 1
  }

  expect_failures = [var.worker_concurrency]
}

run "a_timeout_that_lambda_refuses" {
  command = plan

  variables {
    worker_timeout = 901
  }

  expect_failures = [var.worker_timeout]
}
