output "dashboard_url" {
  description = "Address of the dashboard."
  value       = "https://${local.region}.console.aws.amazon.com/cloudwatch/home?region=${local.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.project.dashboard_name}"
}

output "alarm_topic_arn" {
  description = "ARN of the topic of the alarms, to which anything that SNS knows can be subscribed."
  value       = aws_sns_topic.alarms.arn
}
