variable "prefix" {
  description = "SSM path of the parameters, such as /slack-gpt-backend."
  type        = string

  validation {
    condition     = can(regex("^(/[a-zA-Z0-9_.-]+)+$", var.prefix))
    error_message = "The prefix must begin with a slash and not end with one, such as \"/slack-gpt-backend\"."
  }
}

variable "secrets" {
  description = "Values with which the secrets are made, by their parameter's name; never kept, and not looked at afterwards."
  type = object({
    OpenAiApiKey       = string
    SlackToken         = string
    SlackSigningSecret = string
    SlackClientId      = optional(string, "placeholder")
    SlackClientSecret  = optional(string, "placeholder")
  })
  ephemeral = true
  sensitive = true
}

variable "several_workspaces" {
  description = "Make SlackClientId and SlackClientSecret, with which workspaces install the app, in place of SlackToken."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "Customer managed KMS key with which the secrets are made. Null takes the AWS managed one. Changed later, it is refused until each secret has been encrypted with it."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
