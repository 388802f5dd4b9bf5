# Two bots in one account, called from a root module of your own: each has its own Slack app, secrets and memory.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = "ap-northeast-1"
}

variable "image_uri" {
  description = "Image in ECR that both run. Null builds one for each, which needs Docker."
  type        = string
  default     = null
}

module "bot" {
  # From elsewhere: git::https://github.com/OWNER/slack-gpt-backend.git//terraform?ref=VERSION
  source   = "../.."
  for_each = { sales = "en", support = "ja" }

  name         = "bot-${each.key}"
  bot_language = each.value
  image_uri    = var.image_uri
  tags         = { Team = each.key }
}

output "slack_install_links" {
  description = "Slack's page that makes the app of each."
  value       = { for name, bot in module.bot : name => bot.slack_install_link }
}

output "parameter_names" {
  description = "Where each has its secrets and switches in SSM."
  value       = { for name, bot in module.bot : name => bot.parameter_names }
}
