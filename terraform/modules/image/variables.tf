variable "name" {
  description = "Name of the ECR repository."
  type        = string
}

variable "source_root" {
  description = "Folder with the Dockerfile and the sources."
  type        = string

  validation {
    condition     = fileexists("${var.source_root}/Dockerfile")
    error_message = "The source root must be a folder with a Dockerfile."
  }
}

variable "architecture" {
  description = "Processor architecture of the image: x86_64 or arm64."
  type        = string

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "The architecture must be \"x86_64\" or \"arm64\"."
  }
}

variable "base_image" {
  description = "Lambda base image to build on. Null takes the one that the Dockerfile names."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the module's resources."
  type        = map(string)
  default     = {}
}
