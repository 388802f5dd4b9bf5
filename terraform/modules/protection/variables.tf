variable "name" {
  description = "Name of the deployment."
  type        = string
}

variable "deletion_protection" {
  description = "Refuse a destroy."
  type        = bool
}
