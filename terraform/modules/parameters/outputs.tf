output "names" {
  description = "SSM names of the parameters by their short names."
  value       = { for key, parameter in merge(aws_ssm_parameter.secrets, aws_ssm_parameter.switches) : key => parameter.name }
}

output "secret_arns" {
  description = "ARNs of the secrets by their short names."
  value       = { for key, parameter in aws_ssm_parameter.secrets : key => parameter.arn }
}

output "switch_arns" {
  description = "ARNs of the operator's switches by their short names."
  value       = { for key, parameter in aws_ssm_parameter.switches : key => parameter.arn }
}

output "commands" {
  description = "Commands that ask for a value and set it, by the parameters' short names. A secret is not echoed."
  value = {
    for key in concat(keys(aws_ssm_parameter.secrets), keys(aws_ssm_parameter.switches)) :
    key => "PARAMETERS_PREFIX=${var.prefix} .venv/bin/bot secret ${key}"
  }
}
