variable "name" {
  description = "Name of the function, of its role and of its log group."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9-_]{1,64}$", var.name))
    error_message = "The function's name must be 1 to 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What the function does."
  type        = string
}

variable "image_uri" {
  description = "Address of the image in ECR."
  type        = string
}

variable "architecture" {
  description = "Processor architecture of the image: x86_64 or arm64."
  type        = string

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be \"x86_64\" or \"arm64\"."
  }
}

variable "command" {
  description = "Command of the image: the handler's name."
  type        = list(string)

  validation {
    condition     = length(var.command) == 1 && can(regex("^([a-z_]+\\.)+[a-z_]+$", var.command[0]))
    error_message = "The command must be one dotted handler name, such as [\"entrypoints.lambda_events.handler\"]."
  }
}

variable "timeout" {
  description = "Seconds that an invocation may take."
  type        = number

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900
    error_message = "The timeout must be 1 to 900 seconds."
  }
}

variable "memory_size" {
  description = "Memory in MB; CPU comes in proportion."
  type        = number

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240
    error_message = "The memory must be 128 to 10240 MB."
  }
}

variable "environment" {
  description = "Environment variables; no secrets."
  type        = map(string)
}

variable "statements" {
  description = "What the function may do, besides writing its logs and traces."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))

  validation {
    condition     = alltrue([for statement in var.statements : !contains(statement.resources, "*") && length(statement.resources) > 0])
    error_message = "Each statement must name its resources; \"*\" is not allowed."
  }

  validation {
    condition     = alltrue(flatten([for statement in var.statements : [for action in statement.actions : !strcontains(action, "*")]]))
    error_message = "Each statement must name its actions; \"*\" is not allowed."
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
