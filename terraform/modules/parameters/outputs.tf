output "names" {
  description = "SSM names of the parameters by their short names."
  value       = { for key, parameter in merge(aws_ssm_parameter.secrets, aws_ssm_parameter.switches) : key => parameter.name }
}

output "path_arns" {
  description = "ARNs that a reader of the whole path needs: SSM checks the path itself and what lies below it."
  value = [
    trimsuffix(aws_ssm_parameter.secrets["SlackToken"].arn, "/SlackToken"),
    "${trimsuffix(aws_ssm_parameter.secrets["SlackToken"].arn, "/SlackToken")}/*",
  ]
}

output "commands" {
  description = "Commands (bash, zsh) that ask for a value and set it, by the parameters' short names. Secrets are not echoed and stay out of the shell's history."
  value = merge(
    { for key, parameter in aws_ssm_parameter.secrets : key => "read -rs VALUE && aws ssm put-parameter --overwrite --name '${parameter.name}' --value \"$VALUE\"" },
    { for key, parameter in aws_ssm_parameter.switches : key => "read -r VALUE && aws ssm put-parameter --overwrite --name '${parameter.name}' --value \"$VALUE\"" },
  )
}
