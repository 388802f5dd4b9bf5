variable "prefix" {
  description = "SSM path of the parameters, such as /slack-gpt-backend."
  type        = string

  validation {
    condition     = can(regex("^(/[a-zA-Z0-9_.-]+)+$", var.prefix))
    error_message = "The prefix must begin with a slash and not end with one, such as \"/slack-gpt-backend\"."
  }
}

variable "secrets" {
  description = "Values of the secrets by their parameter's name; read when a version changes, never kept."
  type = object({
    OpenAiApiKey       = string
    SlackToken         = string
    SlackSigningSecret = string
  })
  ephemeral = true
  sensitive = true
}

variable "secret_versions" {
  description = "Version of each secret; a raised one has its value written again."
  type = object({
    OpenAiApiKey       = number
    SlackToken         = number
    SlackSigningSecret = number
  })
}

variable "kms_key_arn" {
  description = "Customer managed KMS key of the secrets. Null takes the AWS managed one."
  type        = string
  default     = null
}
