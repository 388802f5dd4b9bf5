# The tokens of the workspaces are encrypted with this key before they reach the table. It never leaves KMS, which makes new
# key material each year and keeps the old to decrypt with.
resource "aws_kms_key" "tokens" {
  description         = "Encrypts the Slack tokens of ${var.name}."
  enable_key_rotation = true
  # AWS charges nothing for these days, in which a destroyed deployment can be restored from a backup of its table.
  deletion_window_in_days = 30

  # Whoever IAM allows to: the functions' roles name this key, and nobody else's does.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LeaveItToIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  tags = var.tags
}

resource "aws_kms_alias" "tokens" {
  name          = "alias/${var.name}-tokens"
  target_key_id = aws_kms_key.tokens.key_id
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
