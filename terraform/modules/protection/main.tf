# It depends on everything else, so that a destroy begins here: while the tables are protected it ends here, too, before
# anything is gone that answers questions.
resource "terraform_data" "protection" {
  input = {
    refused = var.deletion_protection
    said    = var.deletion_protection ? local.refusal : local.kept
  }

  provisioner "local-exec" {
    when    = destroy
    command = "echo '${self.output.said}'${self.output.refused ? " && exit 1" : ""}"
  }
}

locals {
  refusal = "${var.name} is protected and nothing was destroyed. Apply with -var deletion_protection=false first."
  kept    = "Gone with ${var.name}: memories, votes, questions that waited, secrets, logs, images. Kept by AWS: a backup of each table for 35 days, traces for 30 days, metrics for 15 months, a key of tokens for 30 days. Kept elsewhere: the Slack app and what it wrote, the key of the model."
}
