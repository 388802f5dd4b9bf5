variable "name" {
  description = "Name of the queue, without the ending .fifo."
  type        = string
}

variable "worker_arn" {
  description = "ARN of the function that answers the questions."
  type        = string
}

variable "worker_timeout" {
  description = "Timeout of that function in seconds."
  type        = number

  validation {
    condition     = var.worker_timeout >= 1 && var.worker_timeout <= 900
    error_message = "The worker's timeout must be 1 to 900 seconds."
  }
}

variable "worker_concurrency" {
  description = "Most questions that are answered at the same time."
  type        = number

  validation {
    condition     = var.worker_concurrency >= 2 && var.worker_concurrency <= 1000
    error_message = "The worker's concurrency must be 2 to 1000 (SQS event sources allow no less)."
  }
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
