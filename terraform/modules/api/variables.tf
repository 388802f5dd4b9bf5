variable "name" {
  description = "Name of the API."
  type        = string
}

variable "function_name" {
  description = "Name of the function that receives the events."
  type        = string
}

variable "function_invoke_arn" {
  description = "ARN by which API Gateway invokes the function."
  type        = string
}

variable "install_function" {
  description = "Function that installs the app in further workspaces. Null leaves its routes out."
  type = object({
    name       = string
    invoke_arn = string
  })
  default = null
}

variable "requests_per_second" {
  description = "Requests that are accepted per second, in bursts twice as many."
  type        = number

  validation {
    condition     = var.requests_per_second >= 1
    error_message = "The requests per second must be at least 1."
  }
}

variable "log_retention_days" {
  description = "Days for which access logs are kept."
  type        = number
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
