variables {
  name                = "bot"
  deletion_protection = false
}

run "a_destroy_says_what_is_kept" {
  assert {
    condition     = strcontains(output.said, "35 days") && strcontains(output.said, "Gone with bot:") && !strcontains(output.said, "'")
    error_message = "It says: ${output.said}"
  }
}
