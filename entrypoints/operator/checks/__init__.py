"""What ``bot doctor`` looks at, part by part. Nothing is changed; the model is asked one question."""
