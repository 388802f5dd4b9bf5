variable "name" {
  description = "Name of the deployment, which the key's alias begins with."
  type        = string
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
