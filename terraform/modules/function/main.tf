resource "aws_lambda_function" "function" {
  #checkov:skip=CKV_AWS_115:Stage throttling and the event source's concurrency are the bounds; reserving would take from an account's small pool.
  #checkov:skip=CKV_AWS_116:Nobody invokes the functions asynchronously; undeliverable questions go to the queue's dead-letter queue.
  #checkov:skip=CKV_AWS_117:They talk to public APIs only; a VPC would add a NAT gateway and no protection.
  #checkov:skip=CKV_AWS_173:The environment holds no secrets; those are in SSM.
  #checkov:skip=CKV_AWS_272:Code signing does not exist for container images.
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.function.arn
  package_type  = "Image"
  image_uri     = var.image_uri
  architectures = [var.architecture]
  timeout       = var.timeout
  memory_size   = var.memory_size

  image_config {
    command = var.command
  }

  environment {
    variables = var.environment
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = "Active"
  }

  tags = var.tags

  # Nothing refers to the policy, but the first invocation needs it.
  depends_on = [aws_iam_role_policy.function]
}

resource "aws_cloudwatch_log_group" "function" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts with its own key; message texts are not logged.
  #checkov:skip=CKV_AWS_338:How long logs may be kept is for each deployment to say.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days

  tags = var.tags
}

resource "aws_iam_role" "function" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "function" {
  name = var.name
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "WriteLogs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${aws_cloudwatch_log_group.function.arn}:*"]
        },
        {
          Sid      = "WriteTraces"
          Effect   = "Allow"
          Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
          Resource = ["*"] # X-Ray has no resources to name for these.
        },
      ],
      [for statement in var.statements : {
        Sid      = statement.sid
        Effect   = "Allow"
        Action   = statement.actions
        Resource = statement.resources
      }],
    )
  })
}
