variable "parts_file" {
  description = "Path of the file that the manifest is made from, entrypoints/manifest.json."
  type        = string
}

variable "events_url" {
  description = "Address to which Slack posts events, clicks and commands. Null has the app connect by Socket Mode."
  type        = string
  default     = null

  validation {
    condition     = var.events_url == null || can(regex("^https?://[^ ]+$", var.events_url))
    error_message = "The events URL must be an http or https address, or null. Slack itself takes https only."
  }
}

variable "redirect_url" {
  description = "Address to which Slack sends the browser back when a workspace installs the app. Null leaves that to Slack's own page."
  type        = string
  default     = null

  validation {
    condition     = var.redirect_url == null || can(regex("^https?://[^ ]+$", var.redirect_url))
    error_message = "The redirect URL must be an http or https address, or null. Slack itself takes https only."
  }
}

variable "language" {
  description = "Language of what the app says of itself: ja or en."
  type        = string
  default     = "ja"

  validation {
    condition     = contains(["ja", "en"], var.language)
    error_message = "The language must be \"ja\" or \"en\"."
  }
}

variable "agent_view" {
  description = "Make the app one of Slack's agents."
  type        = bool
  default     = true
}

variable "reply_username" {
  description = "Let replies appear under another name than the app's."
  type        = bool
  default     = false
}
