variable "name" {
  description = "Name of the table."
  type        = string
}

variable "deletion_protection" {
  description = "Refuse to delete the table."
  type        = bool
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
