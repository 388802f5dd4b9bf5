variable "name" {
  description = "Name of the dashboard and of the resource group, prefix of the alarms' names, and value of the tag `Project` by which the group finds its resources."
  type        = string
}

variable "events_function_name" {
  description = "Name of the function that receives Slack's events."
  type        = string
}

variable "worker_function_name" {
  description = "Name of the function that answers."
  type        = string
}

variable "worker_duration_limit" {
  description = "Seconds beyond which an invocation of the worker is near its timeout."
  type        = number
}

variable "api_id" {
  description = "Identifier of the API."
  type        = string
}

variable "table_name" {
  description = "Name of the table."
  type        = string
}

variable "queue_name" {
  description = "Name of the queue of questions."
  type        = string
}

variable "dead_letter_queue_name" {
  description = "Name of the dead-letter queue."
  type        = string
}

variable "question_age_limit" {
  description = "Seconds that a question may wait before an alarm is raised."
  type        = number
}

variable "alarm_email" {
  description = "Address that receives the alarms. Null leaves the topic without a subscriber."
  type        = string
  default     = null
}

variable "alarm_daily_tokens" {
  description = "Billed-equivalent tokens of one day above which an alarm is raised: 5 million are some 2,000 questions with the defaults. Null raises none."
  type        = number
  default     = 5000000
}

variable "application_insights" {
  description = "Watch the resource group with CloudWatch Application Insights as well."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
