variable "name" {
  description = "Name of the table. That of the ledger begins with it."
  type        = string
}

variable "deletion_protection" {
  description = "Refuse to delete the tables."
  type        = bool
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
